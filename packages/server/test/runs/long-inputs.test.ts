import { createMemoryLog } from '@holdfast/log';
import { defaultLimits, type Message } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { join } from '../support/talk.ts';

const kilobytes = 'k'.repeat(10_000);

/** What the agent says until it is stopped, and what of it was taken. */
async function told(said: (at: number) => readonly object[], limits = {}) {
  const all = { ...defaultLimits, sessionBytes: 2_000_000, checkpointBytes: 65_536, ...limits };
  const log = createMemoryLog({ limits: all });
  let count = 0;
  const server = await startOwnServer({
    log,
    limits: all,
    agent: async function* () {
      yield { type: 'start' } as const;
      for (; count < 1_000; count++) {
        yield* said(count) as UIMessageChunk[];
        await new Promise(setImmediate);
      }
    },
  });
  await server.send({ id: 's', message: userMessage('u1', 'go') });
  await vi.waitFor(async () => expect((await log.head('s'))?.runs).toEqual([]), {
    timeout: 60_000,
  });
  const { runs, items } = await join(server, 's');
  const chunks = JSON.stringify(items);
  const words = /"type":"error","errorText":"([^"]*)"/.exec(chunks)?.[1];
  const { messages } = await server.holdfast.session('s').messages();
  return { count, run: { ...runs?.at(-1), words }, reply: messages[1] as unknown as Message };
}

const isFull = {
  ...{ state: 'failed', reason: 'full' },
  words: 'The answer ended early: this chat is full. Start a new one.',
};

it('HF-FOLD-5: the input of a tool is bounded by `sessionBytes` while it is typed, and a run that goes on ends in words', async () => {
  const { count, run, reply } = await told((at) => [
    ...(at === 0 ? [{ type: 'tool-input-start', toolCallId: 'c', toolName: 'write' }] : []),
    { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: at === 0 ? '{"a":"' : kilobytes },
  ]);
  expect(run).toMatchObject(isFull);
  expect(count).toBeGreaterThan(50);
  expect(count).toBeLessThan(400);
  expect(JSON.stringify(reply)).toContain(kilobytes);
}, 90_000);

it('HF-FOLD-5: so are many texts of medium length in one message', async () => {
  const { count, run, reply } = await told((at) => [
    { type: 'text-start', id: `${at}` },
    { type: 'text-delta', id: `${at}`, delta: kilobytes },
    { type: 'text-end', id: `${at}` },
  ]);
  expect(run).toMatchObject(isFull);
  expect(reply.parts.length).toBeGreaterThan(50);
  expect(reply.parts.length).toBeLessThan(201);
  expect(count).toBeLessThan(400);
}, 90_000);

it('HF-FILE-12: an input that is larger than `fileBytes` once it is there is refused in words', async () => {
  const input = { a: kilobytes.repeat(20) };
  const { run } = await told(
    (at) =>
      at === 0 ? [{ type: 'tool-input-available', toolCallId: 'c', toolName: 'write', input }] : [],
    { fileBytes: 100_000 },
  );
  expect(run).toMatchObject({
    ...{ state: 'failed', reason: 'too_large' },
    words: expect.stringContaining('the input of a tool is too large'),
  });
}, 90_000);
