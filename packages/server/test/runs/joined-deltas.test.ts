import { createMemoryLog } from '@holdfast/log';
import type { UIMessageChunk } from 'ai';
import { expect, it } from 'vitest';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { allPages, ended, textOf } from '../support/talk.ts';

it.each([
  ['letters', 'word '],
  ['characters of three bytes', '\u8a9e\u8a00'],
  ['characters that JSON escapes', '\u0001\u0002'],
])(
  'HF-RUN-8: deltas of %s that come at once are joined no further than an entry takes',
  async (_, words) => {
    const limits = { entryBytes: 8_192 };
    const log = createMemoryLog({ limits });
    const deltas = Array.from({ length: 200 }, () => words.repeat(20));
    const server = await startOwnServer({
      log,
      limits,
      agent: () =>
        new ReadableStream<UIMessageChunk>({
          start: (controller) => {
            controller.enqueue({ type: 'start' });
            controller.enqueue({ type: 'text-start', id: 't' });
            for (const delta of deltas) controller.enqueue({ type: 'text-delta', id: 't', delta });
            controller.enqueue({ type: 'text-end', id: 't' });
            controller.close();
          },
        }),
    });
    const { run } = await server.send({ id: 's', message: userMessage('m', 'Go') });
    await ended(server, 's', run);
    const [, answer] = await allPages(server, 's');
    expect(answer && textOf(answer)).toBe(deltas.join(''));
    expect(server.errors).toEqual([]);
  },
);

it('HF-RUN-8: what a provider notes on deltas that come at once takes no more than an entry together', async () => {
  const signature = 's'.repeat(10_000);
  const server = await startOwnServer({
    agent: () =>
      new ReadableStream<UIMessageChunk>({
        start: (controller) => {
          controller.enqueue({ type: 'start' });
          for (let at = 0; at < 40; at++) {
            const id = `${at}`;
            const providerMetadata = { g: { signature } };
            controller.enqueue({ type: 'text-start', id });
            controller.enqueue({ type: 'text-delta', id, delta: 'word ', providerMetadata });
            controller.enqueue({ type: 'text-end', id });
          }
          controller.close();
        },
      }),
  });
  const { run } = await server.send({ id: 's', message: userMessage('m', 'Go') });
  await ended(server, 's', run);
  const [, answer] = await allPages(server, 's');
  expect(answer && textOf(answer)).toBe('word '.repeat(40));
  expect(server.errors).toEqual([]);
});
