import { createMemoryLog } from '@holdfast/log';
import { expect, it, vi } from 'vitest';
import { AppendMeter } from '../../src/telemetry/appends.ts';
import { instruments } from '../../src/telemetry/metrics.ts';
import { collect } from '../support/collector.ts';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { say, start, unavailable, writerOn } from '../support/writing.ts';

it('HF-TEL-2: counts what happens to a session, with no word of it', async () => {
  const collector = collect();
  const gated = gatedAgent();
  const server = await startOwnServer({
    agent: gated.agent,
    whileBusy: 'queue',
    authorize: ({ token }) => (token === 'credential' || !token ? { id: 'user-1' } : null),
  });
  const client = await server.greet('credential');
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.next('live');
  await server.send({ id: 's', message: userMessage('m1', 'what they ask') });
  gated.emit(...answer('contents'));
  await vi.waitFor(() => expect(gated.pending).toBe(0));
  await server.send({ id: 's', message: userMessage('m2', 'what they ask') });
  expect(await collector.value('holdfast.runs.live')).toBe(1);
  expect(await collector.value('holdfast.gateway.sockets')).toBe(1);
  expect(await collector.value('holdfast.gateway.subscriptions')).toBe(1);
  expect(await collector.value('holdfast.sessions')).toBe(1);
  gated.end();
  await vi.waitFor(() => expect(gated.calls).toHaveLength(2));
  gated.end();
  await client.until((frame) => JSON.stringify(frame).includes('"run-end"'));
  await client.until((frame) => JSON.stringify(frame).includes('"run-end"'));
  await expect
    .poll(() => collector.value('holdfast.runs', { outcome: 'finished', agent: 'agent' }))
    .toBe(2);
  const value = collector.value;
  expect(await value('holdfast.sends', { outcome: 'accepted' })).toBe(1);
  expect(await value('holdfast.sends', { outcome: 'queued' })).toBe(1);
  expect(await value('holdfast.send.duration')).toBe(2);
  expect(await value('holdfast.queue.duration')).toBe(1);
  expect(await value('holdfast.run.duration', { outcome: 'finished' })).toBe(2);
  expect(await value('holdfast.run.first_write.duration')).toBe(2);
  const appends = await value('holdfast.log.appends', { outcome: 'appended' });
  expect(appends).toBeGreaterThanOrEqual(3);
  // One in 64 is timed, the first among them.
  expect(await value('holdfast.log.append.duration')).toBe(Math.ceil(appends / 64));
  expect(await value('holdfast.log.append.bytes')).toBeGreaterThan(100);
  expect(await value('holdfast.gateway.entries')).toBeGreaterThanOrEqual(client.entries.length);
  expect(await value('holdfast.gateway.bytes')).toBeGreaterThan(500);
  expect(await value('holdfast.resumes', { kind: 'snapshot' })).toBe(1);
  expect(await collector.everything()).not.toMatch(/what they ask|contents|credential/);
});

it('tells replays from resets with their reasons, and why sockets were closed', async () => {
  const collector = collect();
  const server = await startOwnServer();
  const { position } = await server.send({ id: 's', message: userMessage('m', 'Hi') });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's', pos: position });
  client.send({ t: 'sub', r: 2, s: 's2', pos: 'other:1-5' });
  await client.next('live');
  await client.next('reset');
  expect(await collector.value('holdfast.resumes', { kind: 'replay' })).toBe(1);
  expect(await collector.value('holdfast.resumes', { kind: 'reset', why: 'epoch' })).toBe(1);
  client.raw('no frame');
  await client.closed;
  expect(await collector.value('holdfast.gateway.closes', { reason: 'bad-frame' })).toBe(1);
});

it('tells stops and how long they took, and runs that were lost or left to others', async () => {
  const collector = collect();
  const log = createMemoryLog();
  const [one, two] = [gatedAgent(), gatedAgent()];
  const dying = await startOwnServer({ log, agent: one.agent });
  const other = await startOwnServer({ log, agent: two.agent });
  const client = await other.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.next('live');
  const { run } = await other.send({ id: 's', message: userMessage('m1', 'Hi') });
  await vi.waitFor(() => expect(two.calls).toHaveLength(1));
  client.send({ t: 'cancel', r: 2, s: 's', run });
  await client.entry('run-end');
  await expect.poll(() => collector.value('holdfast.runs', { outcome: 'stopped' })).toBe(1);
  expect(await collector.value('holdfast.run.stop.duration')).toBe(1);
  await dying.send({ id: 's', message: userMessage('m2', 'Hi') });
  await vi.waitFor(() => expect(one.calls).toHaveLength(1));
  await dying.holdfast.close({ runsMs: 0 });
  await expect.poll(() => collector.value('holdfast.runs', { outcome: 'superseded' })).toBe(1);
  await expect
    .poll(() => collector.value('holdfast.runs', { outcome: 'lost' }), { timeout: 10_000 })
    .toBe(1);
});

it('is off without a provider, on as soon as there is one, and off again', async () => {
  expect(instruments()).toBeNull();
  const server = await startOwnServer();
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  const collector = collect();
  expect(instruments()).not.toBeNull();
  expect(instruments()).toBe(instruments());
  await server.send({ id: 's', message: userMessage('m2', 'Hi') });
  expect(await collector.value('holdfast.sends')).toBe(1);
});

it('HF-TEL-2: times one append in 64, whichever run it is of, and none where nobody collects', () => {
  const timed = (count: number): number => {
    const meters = [0, 1].map(() => new AppendMeter(() => 0));
    const begun = Array.from({ length: count }, (_, at) => meters[at % 2]?.begin());
    return begun.filter((since) => since !== undefined).length;
  };
  expect(timed(640)).toBe(0);
  collect();
  expect(timed(640)).toBe(10);
});

it('HF-TEL-2: an append that is repeated has failed, and is counted once the log has answered', async () => {
  const collector = collect();
  const inner = createMemoryLog();
  await start(inner);
  let isAway = false;
  const log = changed(inner, {
    append: async (...asked) => {
      if (!isAway) return await inner.append(...asked);
      isAway = false;
      throw unavailable();
    },
  });
  const counts = async () => [
    await collector.value('holdfast.log.appends', { outcome: 'failed' }),
    await collector.value('holdfast.log.appends', { outcome: 'appended' }),
  ];
  const { writer } = writerOn(log);
  await say(writer, 'a');
  const [failed = 0, appended = 0] = await counts();
  isAway = true;
  await say(writer, 'b');
  expect(await counts()).toEqual([failed + 1, appended + 1]);
});
