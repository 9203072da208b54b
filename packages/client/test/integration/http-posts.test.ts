import { createServer } from 'node:http';
import { createChatTransport } from '@holdfast/client';
import type { Agent } from '@holdfast/server';
import type { UIMessage, UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { begin } from '../support/events-route.ts';
import { listening } from '../support/listening.ts';
import { freshId, startServer } from '../support/server.ts';

/** What becomes of a request that goes up. */
const fates = ['arrives', 'lost', 'unanswered', 'twice', 'late'] as const;
type Fate = (typeof fates)[number];

const words = Array.from({ length: 20 }, (_, at) => `${at} `);

/** Says its words; or the first one again and again, until it is stopped. */
const agent: Agent = async function* ({ messages, signal }) {
  const asked = JSON.stringify(messages.at(-1));
  const all = asked.includes('for ever') ? Array.from({ length: 10_000 }, () => 'on ') : words;
  yield { type: 'start' };
  yield { type: 'text-start', id: 't' };
  for (const delta of all) {
    if (signal.aborted) return;
    yield { type: 'text-delta', id: 't', delta };
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield { type: 'text-end', id: 't' };
  yield { type: 'finish' };
};

/** A way up that loses requests and answers, repeats requests, and brings some behind later ones once more. */
function unruly(plan: readonly Fate[]): typeof fetch {
  const left = [...plan];
  let late: (() => Promise<unknown>) | undefined;
  return async (input, init) => {
    if (init?.method !== 'POST') return await fetch(input, init);
    const fate = left.shift() ?? 'arrives';
    if (fate === 'lost') throw new TypeError('fetch failed');
    const again = async () => {
      const copy = await fetch(input, { ...init, signal: null });
      await copy.body?.cancel();
    };
    if (fate === 'twice') await again();
    const response = await fetch(input, init);
    const before = late;
    late = fate === 'late' ? again : undefined;
    await before?.();
    if (fate !== 'unanswered') return response;
    await response.body?.cancel();
    throw new TypeError('fetch failed');
  };
}

/** To its end; tells of the first words. */
async function readAll(
  stream: ReadableStream<UIMessageChunk>,
  begun: () => Promise<unknown> = async () => null,
) {
  let told: Promise<unknown> | undefined;
  try {
    for await (const { type } of stream) if (type === 'text-delta') told ??= begun();
  } finally {
    await told;
  }
}

const textOf = ({ parts }: { readonly parts: UIMessage['parts'] }): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

test('F1, HF-HTTP-13, HF-CAR-1: a way up that loses, repeats and reorders at 25 random schedules doubles nothing, and stops no other answer', async () => {
  await using server = await startServer(agent);
  const plans = fc.array(fc.constantFrom(...fates), { maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const transport = createChatTransport<UIMessage>({
        api: server.api,
        carrier: 'http',
        environment: { random: () => 0 },
        fetch: unruly(plan),
        onError: () => {},
      });
      const chatId = freshId();
      const questions = ['One', 'Say it for ever', 'Two', 'Say it for ever', 'Three'];
      const messages: UIMessage[] = [];
      for (const text of questions) {
        messages.push({ id: freshId(), role: 'user', parts: [{ type: 'text', text }] });
        const stream = await transport.sendMessages({
          chatId,
          trigger: 'submit-message',
          messageId: undefined,
          messages,
          abortSignal: undefined,
        });
        if (text.includes('for ever')) {
          const stopped = readAll(stream, () => transport.cancel(chatId));
          await expect(stopped).rejects.toThrow('stopped');
        } else await readAll(stream);
        messages.splice(0, messages.length, ...(await transport.snapshot(chatId)).messages);
      }
      transport.close();
      const said = messages.filter(({ role }) => role === 'assistant').map(textOf);
      expect(messages.filter(({ role }) => role === 'user').map(textOf)).toEqual(questions);
      expect([said[0], said[2], said[4]]).toEqual(Array(3).fill(words.join('')));
      expect([said[1], said[3]]).toEqual(Array(2).fill(expect.stringMatching(/^(on )+$/)));
      const { runs } = await server.holdfast.session(chatId).state();
      expect(runs.map(({ state }) => state)).toEqual(
        ['finished', 'stopped', 'finished', 'stopped', 'finished'].slice(-runs.length),
      );
    }),
    { numRuns: 25, seed: 16 },
  );
}, 60_000);

test('HF-CAR-8 a stop that is not answered in one session keeps none of another waiting', async () => {
  const route = createServer((request, response) => {
    request.resume();
    const url = new URL(request.url ?? '', 'http://localhost');
    if (url.pathname.endsWith('/events')) return begin(url, response);
    // Of the first session no stop is answered.
    if (/first\/cancel/.test(url.pathname)) return;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ state: 'finished' }));
  });
  const api = `${await listening(route)}/api/chat`;
  const transport = createChatTransport<UIMessage>({ api, carrier: 'http', onError: () => {} });
  onTestFinished(() => transport.close());
  const waiting = transport.cancel('first', { command: 'c' }).catch((error: Error) => error.name);
  expect(await transport.cancel('second', { run: 'r' })).toBe('finished');
  transport.close();
  expect(await waiting).toBe('AbortError');
});
