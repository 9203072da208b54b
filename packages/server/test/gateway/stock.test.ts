import { closeCodes, defaultLimits } from '@holdfast/protocol';
import { type UIMessage, type UIMessageChunk, WebSocketChatTransport } from 'ai';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Agent } from '../../src/index.ts';
import { bytesOf, dataUrl, filePart } from '../support/files.ts';
import { answer, gatedAgent, saying } from '../support/gated-agent.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';

type Frame = { readonly type: string; readonly requestId: string; readonly errorText?: string };

/** The AI SDK's own client, with nothing of ours. */
function stock({ origin }: TestServer, headers: Record<string, string> = {}) {
  const transport = new WebSocketChatTransport<UIMessage>({
    url: `${origin}/holdfast`,
    headers,
    webSocket: WebSocket as never,
  });
  onTestFinished(() => transport.close());
  return {
    transport,
    send: (chatId: string, abortSignal?: AbortSignal) =>
      transport.sendMessages({
        chatId,
        trigger: 'submit-message',
        messageId: undefined,
        messages: [{ id: `m-${chatId}`, role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
        abortSignal,
      }),
    resume: (chatId: string) => transport.reconnectToStream({ chatId }),
  };
}

async function textOf(stream: ReadableStream<UIMessageChunk>): Promise<string> {
  let text = '';
  for await (const chunk of stream as unknown as AsyncIterable<UIMessageChunk>)
    if (chunk.type === 'text-delta') text += chunk.delta;
  return text;
}

/** Reads as far as the first words. */
async function begun(stream: ReadableStream<UIMessageChunk>) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value.type === 'text-delta') return reader;
  }
}

const words = (delta: string): UIMessageChunk => ({ type: 'text-delta', id: 't', delta });
const opening: UIMessageChunk[] = [{ type: 'start' }, { type: 'text-start', id: 't' }, words('a')];
const closing: UIMessageChunk[] = [words('b'), { type: 'text-end', id: 't' }, { type: 'finish' }];

/** A socket without a subprotocol, by hand. */
async function raw({ origin }: TestServer, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/holdfast`, { headers });
  onTestFinished(() => socket.terminate());
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(data.toString()) as Frame));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const say = (frame: unknown) =>
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  return { socket, frames, closed, say };
}

const sendFrame = (requestId: string, id: string, more: object = {}) => ({
  type: 'send',
  requestId,
  id,
  trigger: 'submit-message',
  messages: [userMessage(`m-${requestId}`, 'Hi')],
  headers: {},
  body: {},
  ...more,
});

// AI SDK 6 has no such class; what it would send is said by hand below.
if (WebSocketChatTransport)
  describe('the WebSocketChatTransport of the AI SDK', () => {
    it('HF-STK-1, HF-STK-2: two requests on one socket are answered, and stand in the log', async () => {
      await using server = await startServer({ agent: saying('Hello') });
      const { send } = stock(server);
      const streams = await Promise.all([send('s1'), send('s2')]);
      expect(await Promise.all(streams.map(textOf))).toEqual(['Hello', 'Hello']);
      expect(server.holdfast.connections).toBe(1);
      const { messages } = await server.holdfast.session('s1').messages();
      expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
      expect(server.errors).toEqual([]);
    });

    it('HF-STK-3: a drop stops nothing, and a resume replays the answer whole', async () => {
      const gated = gatedAgent();
      await using server = await startServer({ agent: gated.agent });
      const first = stock(server);
      gated.emit(...opening);
      const reader = await begun(await first.send('s1'));
      first.transport.close();
      await expect(reader.read()).rejects.toThrow('closed');
      await vi.waitFor(() => expect(server.holdfast.connections).toBe(0));
      const resumed = await stock(server).resume('s1');
      expect(gated.calls[0]?.signal.aborted).toBe(false);
      gated.emit(...closing);
      gated.end();
      // The last word comes from a run that nobody has stopped.
      expect(resumed && (await textOf(resumed))).toBe('ab');
      expect(gated.calls).toHaveLength(1);
    });

    it('HF-STK-3: a chat without a live answer has none to resume', async () => {
      await using server = await startServer({ agent: saying('Hello') });
      expect(await stock(server).resume('s1')).toBeNull();
    });

    it('HF-STK-4: an abort stops the run', async () => {
      const gated = gatedAgent();
      await using server = await startServer({ agent: gated.agent });
      const stop = new AbortController();
      gated.emit(...opening);
      await begun(await stock(server).send('s1', stop.signal));
      stop.abort();
      await vi.waitFor(() => expect(gated.calls[0]?.signal.aborted).toBe(true));
    });

    it('HF-STK-4: an abort only leaves where the client says so', async () => {
      const gated = gatedAgent();
      await using server = await startServer({ agent: gated.agent });
      const client = stock(server, { 'holdfast-on-abort': 'continue' });
      const stop = new AbortController();
      gated.emit(...opening);
      await begun(await client.send('s1', stop.signal));
      stop.abort();
      // Frames are handled in their order: the abort has been, once this is answered.
      const resumed = await client.resume('s1');
      gated.emit(...closing);
      gated.end();
      expect(resumed && (await textOf(resumed))).toBe('ab');
    });

    it('HF-STK-2: a refusal is an error in words, and the socket stays', async () => {
      await using server = await startServer({
        agent: saying('Hello'),
        authorize: ({ sessionId }) => (sessionId === 'theirs' ? null : { id: 'u' }),
      });
      const { send } = stock(server);
      await expect(send('theirs').then(textOf)).rejects.toThrow('unable to');
      await expect(
        stock(server, { 'holdfast-on-abort': 'x' }).send('s1').then(textOf),
      ).rejects.toThrow('must be stop or continue');
      expect(await textOf(await send('s1'))).toBe('Hello');
    });

    it('HF-STK-2: a gateway without an agent says what to do', async () => {
      await using server = await startServer({ agent: null });
      await expect(stock(server).send('s1').then(textOf)).rejects.toThrow(
        'holdfast.register(agent)',
      );
    });

    it('HF-STK-5: a frame brings a token, and no header that a proxy is trusted with', async () => {
      const seen: Headers[] = [];
      await using server = await startServer({
        agent: saying('Hello'),
        authorize: ({ request, token }) => {
          seen.push(request.headers);
          return token === 'good' ? { id: 'u' } : null;
        },
      });
      const headers = { authorization: 'Bearer good', cookie: 'a=b', 'x-forwarded-user': 'root' };
      expect(await textOf(await stock(server, headers).send('s1'))).toBe('Hello');
      expect(seen.some((each) => each.has('cookie') || each.has('x-forwarded-user'))).toBe(false);
      const { say, frames } = await raw(server, { authorization: 'Bearer bad' });
      say(sendFrame('r1', 's1', { headers: { authorization: 'Bearer good' } }));
      await vi.waitFor(() => expect(frames.map(({ type }) => type)).toEqual(['error']));
    });
  });

it('HF-STK-1: a gateway that drains closes a stock socket behind its last answer', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const idle = await raw(server);
  const busy = await raw(server);
  gated.emit(...opening);
  busy.say(sendFrame('r1', 's1'));
  await vi.waitFor(() => expect(busy.frames.at(-1)?.type).toBe('chunk'));
  const closed = server.holdfast.close({ drainMs: 30_000, runsMs: 30_000 });
  expect((await idle.closed).code).toBe(closeCodes.restart.code);
  gated.emit(...closing);
  gated.end();
  expect((await busy.closed).code).toBe(closeCodes.restart.code);
  expect(busy.frames.at(-1)).toEqual({ type: 'end', requestId: 'r1' });
  await closed;
});

describe('HF-STK-6: frames of the wrong kind', () => {
  it('one of ours on a stock socket is told what to offer', async () => {
    await using server = await startServer();
    const { say, closed } = await raw(server);
    say({ t: 'hello', v: 1 });
    expect(await closed).toEqual({
      code: closeCodes.noCommonVersion.code,
      reason: expect.stringContaining('holdfast.v1'),
    });
  });

  it('a stock frame on one of our sockets is told what to leave out', async () => {
    await using server = await startServer();
    const client = await server.dial();
    client.send(sendFrame('r1', 's1'));
    expect(await client.closed).toEqual({
      code: closeCodes.badFrame.code,
      reason: expect.stringContaining('`protocols`'),
    });
  });

  it.each([
    'no JSON',
    '[]',
    '{}',
    { type: 'send' },
    { type: 'resume', requestId: 'r', id: '../x' },
    { type: 'other', requestId: 'r' },
  ])('%j is no frame of anybody', async (frame) => {
    await using server = await startServer();
    const { say, closed } = await raw(server);
    say(frame);
    expect((await closed).code).toBe(closeCodes.badFrame.code);
    expect(server.errors).toEqual([]);
  });

  it('a request id that is being answered cannot be used again', async () => {
    const gated = gatedAgent();
    await using server = await startServer({ agent: gated.agent });
    const { say, closed } = await raw(server);
    say(sendFrame('r1', 's1'));
    say(sendFrame('r1', 's2'));
    expect((await closed).code).toBe(closeCodes.badFrame.code);
    gated.end();
  });

  it('a silent socket, one with a large frame and one with too many are closed', async () => {
    const limits = { ...defaultLimits, helloTimeoutMs: 50, sendBytes: 65_536 };
    await using server = await startServer({ limits });
    const [silent, large] = [await raw(server), await raw(server)];
    large.say(sendFrame('r1', 's1', { body: { a: 'x'.repeat(limits.sendBytes) } }));
    expect((await large.closed).code).toBe(closeCodes.tooBig.code);
    const hasty = await raw(server);
    for (let at = 0; at <= limits.framesBurst; at++) hasty.say({ type: 'abort', requestId: 'r' });
    expect((await hasty.closed).code).toBe(closeCodes.tooMany.code);
    expect((await silent.closed).code).toBe(closeCodes.helloTimeout.code);
  });

  it('HF-STK-2: a stranger’s frame may not be as large as a send with files, nor more than that wait', async () => {
    const allowed = Promise.withResolvers<null>();
    await using server = await startServer({
      authorize: ({ action }) => (action === 'connect' ? null : allowed.promise),
    });
    const long = (bytes: number) => ({ body: { a: 'x'.repeat(bytes) } });
    const [large, many] = [await raw(server), await raw(server)];
    large.say(sendFrame('r', 's', long(defaultLimits.frameBytes)));
    expect((await large.closed).code).toBe(closeCodes.tooBig.code);
    for (const id of ['1', '2', '3'])
      many.say(sendFrame(id, id, long(defaultLimits.frameBytes / 2)));
    expect((await many.closed).code).toBe(closeCodes.tooMany.code);
    allowed.resolve(null);
  });

  it('HF-STK-2, HF-HTTP-7: two large frames of one participant come at once, and a further one ends its socket', async () => {
    const limits = { requestBytes: 1_000, sendBytes: 100_000 };
    await using server = await startServer({ limits, agent: saying('Hello') });
    const sockets = await Promise.all([raw(server), raw(server), raw(server)]);
    const text = JSON.stringify(sendFrame('r', 's1', { body: { a: 'x'.repeat(5_000) } }));
    for (const { socket } of sockets) socket.send(text.slice(0, 4_000), { fin: false });
    const refused = await Promise.race(
      sockets.map(async (each) => ({ each, ...(await each.closed) })),
    );
    expect(refused.code).toBe(closeCodes.tooMany.code);
    expect(refused.reason).toContain('too many large messages');
    for (const each of sockets) {
      if (each === refused.each) continue;
      each.socket.send(text.slice(4_000));
      await vi.waitFor(() => expect(each.frames.at(-1)?.type).toBe('end'));
    }
    // Neither what was whole nor what was broken off is counted any more.
    const again = await raw(server);
    again.say(text);
    await vi.waitFor(() => expect(again.frames.at(-1)?.type).toBe('end'));
  });

  it('HF-FILE-14: a photo goes up in its send, and what is large comes back as data', async () => {
    const photo = filePart(dataUrl(bytesOf(300_000)));
    const image = { type: 'file', mediaType: 'image/png', url: String(photo.url) } as const;
    const seen: unknown[] = [];
    const agent: Agent = ({ messages }) =>
      (async function* () {
        seen.push(messages.at(-1)?.parts);
        yield* [{ type: 'start' }, image, { type: 'finish' }] as UIMessageChunk[];
      })();
    await using server = await startServer({ agent });
    const { say, frames } = await raw(server);
    say(sendFrame('r1', 's1', { messages: [{ id: 'm', role: 'user', parts: [photo] }] }));
    await vi.waitFor(() => expect(frames.at(-1)?.type).toBe('end'));
    expect(seen).toEqual([[photo]]);
    expect(frames).toContainEqual(expect.objectContaining({ chunk: image }));
  });

  it('more requests at once than `subscriptions` are refused one by one', async () => {
    const gated = gatedAgent();
    const limits = { ...defaultLimits, subscriptions: 1 };
    await using server = await startServer({ agent: gated.agent, limits });
    const { say, frames } = await raw(server);
    gated.emit(...answer('Hi'));
    for (const at of [1, 2]) say(sendFrame(`r${at}`, `s${at}`));
    await vi.waitFor(() =>
      expect(frames.find(({ type }) => type === 'error')?.requestId).toBe('r2'),
    );
    gated.end();
    await vi.waitFor(() => expect(frames.at(-1)).toEqual({ type: 'end', requestId: 'r1' }));
  });
});
