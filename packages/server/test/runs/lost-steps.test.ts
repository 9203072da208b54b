import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import type { Agent, AgentContext } from '../../src/index.ts';
import { LosingLog } from '../support/failover.ts';
import { answer } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';

const session = 's1';

/** An agent in a test's hands, between its first word and its last. */
function heldAgent() {
  const began = Promise.withResolvers<AgentContext>();
  const over = Promise.withResolvers<void>();
  const agent: Agent = (context) =>
    (async function* (): AsyncGenerator<UIMessageChunk> {
      began.resolve(context);
      await over.promise;
      yield* answer('Hello');
    })();
  return { agent, began: began.promise, end: over.resolve };
}

const stepsIn = (losing: LosingLog) =>
  losing.entries(session).flatMap(({ entry }) => (entry?.k === 'step' ? [entry.result] : []));

it('HF-RUN-17, F7: what a step gave is written again when a failover has lost it, so that no later attempt does it', async () => {
  const losing = new LosingLog();
  const { agent, began, end } = heldAgent();
  await using server = await startServer({ log: losing.log, agent, limits: { pollMs: 20 } });
  await server.send({ id: session, message: userMessage('m1', 'hi') });
  const { step } = await began;
  const back = losing.replica(session);
  expect(await step('charge', () => 'once')).toBe('once');
  expect(await step('mail', () => 'sent')).toBe('sent');
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: session });
  await client.next('live');
  back();
  await client.next('reset');
  await vi.waitFor(() => expect(stepsIn(losing)).toEqual(['once', 'sent']));
  end();
  await client.entry('run-end');
  expect(server.errors).toEqual([]);
});

it('HF-RUN-17: the same attempt does a step once, also when the log has lost it, and when it is asked for twice at once', async () => {
  const losing = new LosingLog();
  const { agent, began, end } = heldAgent();
  await using server = await startServer({ log: losing.log, agent });
  await server.send({ id: session, message: userMessage('m1', 'hi') });
  const { step } = await began;
  const back = losing.replica(session);
  const act = vi.fn(() => 'once');
  expect(await Promise.all([step('charge', act), step('charge', act)])).toEqual(['once', 'once']);
  back();
  expect(await step('charge', act)).toBe('once');
  expect(act).toHaveBeenCalledTimes(1);
  const failing = vi.fn(() => Promise.reject(new Error('no')));
  await expect(step('mail', failing)).rejects.toThrow('no');
  expect(await step('mail', () => 'sent')).toBe('sent');
  end();
});
