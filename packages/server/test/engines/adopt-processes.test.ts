import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRedisLog } from '@holdfast/log/redis';
import { forkSource } from '@holdfast/testkit/fork-source';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { saying } from '../support/gated-agent.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startServer } from '../support/server.ts';
import { allPages, textOf } from '../support/talk.ts';

/** A process in the middle of a part of a run, and a server beside it. */
async function adopting() {
  const [prefix, redis] = [uniquePrefix(), inject('redisUrl')];
  const id = `s-${crypto.randomUUID()}`;
  const child: ChildProcess = forkSource(
    new URL('../support/adopting-process.ts', import.meta.url),
    [redis, prefix, id],
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const log = createRedisLog({ redis, prefix });
  const server = await startServer({ log });
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]();
    await log.close();
  });
  await once(child, 'message');
  const texts = async () => (await allPages(server, id)).map(textOf);
  await vi.waitFor(async () => expect(await texts()).toEqual(['Plan.Bro']));
  const booked = vi.fn(() => 0);
  const finish = () =>
    server.holdfast.session(id).adopt({ agent: 'planner', command: 'workflow 1' }, async (run) => {
      expect(await run.step('book', booked)).toBe(child.pid);
      for (const [part, text] of Object.entries({ plan: 'Never.', act: 'Act.' }))
        await run.write(part, saying(text));
      return await run.end();
    });
  return { child, texts, booked, finish };
}

it('HF-RUN-20: a run goes on in another process when the one that had it was killed', async () => {
  const { child, texts, booked, finish } = await adopting();
  child.kill('SIGKILL');
  expect(await finish()).toBe('finished');
  expect(await texts()).toEqual(['Plan.Act.']);
  expect(booked).not.toHaveBeenCalled();
}, 60_000);

it('HF-RUN-20: a process that was only paused writes nothing when it wakes, and hears how the run ended', async () => {
  const { child, texts, finish } = await adopting();
  child.kill('SIGSTOP');
  expect(await finish()).toBe('finished');
  const told = once(child, 'message');
  child.kill('SIGCONT');
  // Its part came to nothing, and it hears how the run has ended.
  expect((await told)[0]).toEqual({ state: 'finished' });
  expect(await texts()).toEqual(['Plan.Act.']);
}, 60_000);
