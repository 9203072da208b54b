import { closeCodes } from '@holdfast/protocol';
import { type UIMessage, type UIMessageChunk, WebSocketChatTransport } from 'ai';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { gatedAgent, saying } from '../support/gated-agent.ts';
import { raw, sendFrame } from '../support/raw-stock.ts';
import { startServer, type TestServer } from '../support/server.ts';

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
