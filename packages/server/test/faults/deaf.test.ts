import { createRedisLog } from '@holdfast/log/redis';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { postJson } from '../support/post.ts';
import { startServer, userMessage } from '../support/server.ts';

const patient = { timeout: 60_000 };

it.each([
  ['says something', true],
  ['says nothing', false],
])(
  'F14, HF-RUN-4: a stop reaches an agent that %s while Redis drops every subscriber',
  async (_, isTalking) => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis[Symbol.asyncDispose]());
    const admin = new Redis(redis.url);
    let state: 'open' | 'closed' = 'open';
    const gated = gatedAgent();
    const serve = async (agent: typeof gated.agent | null) => {
      const log = createRedisLog({ redis: redis.url, prefix: 'deaf', onWarning: () => {} });
      const limits = { leaseMs: 3_000, pollMs: 60_000 };
      const server = await startServer({ log, agent, limits });
      onTestFinished(async () => {
        await server[Symbol.asyncDispose]();
        await log.close();
      });
      return server;
    };
    const here = await serve(gated.agent);
    const there = await serve(null);
    const { run } = await here.send({ id: 's', message: userMessage('m', 'Hi') });
    await vi.waitFor(() => expect(gated.calls).toHaveLength(1), patient);
    gated.emit(...answer('Hello').slice(0, 3));
    const deafening = (async () => {
      while (state === 'open') await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    })();
    onTestFinished(async () => {
      state = 'closed';
      await deafening;
      admin.disconnect();
    });
    // As clients do: until it is answered. An answer that was lost may have stopped it already.
    await vi.waitFor(async () => {
      const stopped = await postJson(`${there.api}/s/cancel`, { run });
      const { state } = (await stopped.json()) as { state: string };
      expect(['stopping', 'finished']).toContain(state);
    }, patient);
    if (isTalking) gated.emit(...answer('Hello').slice(3, 4));
    await vi.waitFor(() => expect(gated.calls[0]?.signal.aborted).toBe(true), patient);
    await vi.waitFor(async () => {
      const { runs } = (await (await fetch(`${there.api}/s`)).json()) as {
        runs: { run: string; state: string }[];
      };
      expect(runs.find((info) => info.run === run)?.state).toBe('stopped');
    }, patient);
  },
  120_000,
);
