import { createMemoryLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import type { Message } from '@holdfast/protocol';
import type {} from '@holdfast/testkit/redis-global-setup';
import type { UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { afterAll, expect, inject, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { postJson } from '../support/post.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';
import { allPages, textOf } from '../support/talk.ts';

const redis = createRedisLog({ redis: inject('redisUrl'), prefix: `t${crypto.randomUUID()}` });
afterAll(() => redis.close());

/** Takes a moment, so that others come in between; a stop may cut it off. */
const agent: Agent = ({ messages, signal }) =>
  (async function* (): AsyncGenerator<UIMessageChunk> {
    const [start, ...rest] = answer(`re: ${textOf(messages.at(-1) as unknown as Message)}`);
    if (start) yield start;
    await new Promise((resolve) => setImmediate(resolve));
    if (!signal.aborted) yield* rest;
  })();

const names = ['a', 'b', 'c', 'd', 'e'] as const;
const name = fc.constantFrom(...names);
const server = fc.nat(1);
/** Acts of one batch are done at once, batches one after another. */
const batches = fc.array(
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), name, server }) },
      fc.record({ kind: fc.constant('remove' as const), name, server }),
      fc.record({ kind: fc.constant('first' as const), name, server }),
      fc.record({ kind: fc.constant('stop' as const), name, server }),
    ),
    { maxLength: 6 },
  ),
  { maxLength: 4 },
);

interface State {
  readonly queue: readonly unknown[];
  readonly runs: readonly { readonly run: string; readonly state: string }[];
}

const call = (api: string, path: string, body: object) => postJson(`${api}${path}`, body);

const stateOf = async (at: TestServer, id: string): Promise<State> =>
  (await (await fetch(`${at.api}/${id}`)).json()) as State;

it.each([
  ['memory', () => createMemoryLog(), 40],
  ['Redis', () => redis, 15],
] as const)(
  'HF-HTTP-22, HF-HTTP-23: whatever is sent, moved, taken out and stopped at once, each message has at most one turn, and those that stay exactly one, in %s',
  async (_, log, numRuns) => {
    const shared = log();
    const options = { agent, log: shared, whileBusy: 'queue' } as const;
    await using one = await startServer(options);
    await using two = await startServer(options);
    const servers = [one, two];
    await fc.assert(
      fc.asyncProperty(batches, async (list) => {
        const id = `s-${crypto.randomUUID()}`;
        const sent = new Set<string>();
        const threatened = new Set<string>();
        for (const batch of list)
          await Promise.all(
            batch.map(async (act) => {
              const { api } = servers[act.server] ?? one;
              const { name: text } = act;
              if (act.kind === 'send') {
                sent.add(text);
                const command = { id, command: text, message: userMessage(text, text) };
                await call(api, '', command);
              } else if (act.kind === 'stop') {
                threatened.add(text);
                await call(api, `/${id}/cancel`, { command: text });
              } else if (act.kind === 'remove') {
                threatened.add(text);
                await call(api, `/${id}/queue`, { remove: [text] });
              } else await call(api, `/${id}/queue`, { order: [text] });
            }),
          );
        await vi.waitFor(
          async () => {
            const { queue, runs } = await stateOf(one, id);
            expect(queue).toEqual([]);
            expect(runs.filter(({ state }) => state === 'running')).toEqual([]);
          },
          { timeout: 20_000 },
        );
        const asked = (await allPages(two, id)).filter(({ role }) => role === 'user').map(textOf);
        expect(new Set(asked).size).toBe(asked.length);
        for (const text of sent) if (!threatened.has(text)) expect(asked).toContain(text);
        for (const text of asked) expect(sent.has(text)).toBe(true);
      }),
      { numRuns },
    );
    expect([...one.errors, ...two.errors]).toEqual([]);
  },
  120_000,
);
