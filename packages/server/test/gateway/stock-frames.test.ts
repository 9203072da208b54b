import { closeCodes, defaultLimits } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { bytesOf, dataUrl, filePart } from '../support/files.ts';
import { answer, gatedAgent, saying } from '../support/gated-agent.ts';
import { raw, sendFrame } from '../support/raw-stock.ts';
import { startServer } from '../support/server.ts';

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
