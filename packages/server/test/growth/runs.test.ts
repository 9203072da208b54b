import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import { followRun } from '../../src/runs/follow-run.ts';
import { entryOf } from '../../src/session/entry-of.ts';
import { processOn, session, write } from '../support/hub.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

const limits = { ...defaultLimits, lingerMs: 60_000, sessionRuns: 1_000, participantRuns: 1_000 };

/** So many runs at once in one session: what each was given, how each ended, and how much was opened for them. */
async function runAtOnce(count: number) {
  const log = createMemoryLog({ limits });
  let opened = 0;
  const counted = changed(log, {
    open: async (id, request) => {
      opened++;
      return await log.open(id, request);
    },
  });
  const given = new Map<string, readonly string[]>();
  const all = Promise.withResolvers<void>();
  const server = await startOwnServer({
    log: counted,
    limits,
    agent: async function* ({ runId, messages }) {
      given.set(
        runId,
        messages.map(({ id }) => id),
      );
      yield { type: 'start' as const };
      yield { type: 'text-start' as const, id: 't' };
      yield { type: 'text-delta' as const, id: 't', delta: `words of ${runId}` };
      // Nobody ends before everybody has begun, and been given what was there.
      if (given.size === count) all.resolve();
      await all.promise;
      yield { type: 'text-end' as const, id: 't' };
    },
  });
  const names = Array.from({ length: count }, (_, at) => `m${at}`);
  await Promise.all(
    names.map((id) =>
      server.send({ id: 's', message: userMessage(id, id), whileBusy: 'parallel' }),
    ),
  );
  await vi.waitFor(async () => expect((await log.head('s'))?.runs).toEqual([]));
  expect(server.errors).toEqual([]);
  return { log, given, opened };
}

/** The messages that stand in front of each run's start in the log, empty ones of other runs left out. */
async function startsIn(log: SessionLog): Promise<ReadonlyMap<string, readonly string[]>> {
  const read = await log.read('s', { after: null, limit: 10_000 });
  if (read.kind !== 'entries') throw new Error('the log is there');
  const shown: string[] = [];
  const starts = new Map<string, readonly string[]>();
  for (const { body } of read.entries) {
    const entry = entryOf(body);
    if (entry?.k === 'message') shown.push(entry.message.id);
    if (entry?.k === 'run-start') {
      starts.set(entry.run, [...shown]);
    }
  }
  return starts;
}

it('HF-POS-6: of many runs at once each is given what is shown at its start, and none is lost', async () => {
  const { log, given } = await runAtOnce(60);
  const starts = await startsIn(log);
  expect(starts.size).toBe(60);
  for (const [run, messages] of starts)
    expect(given.get(run)?.filter((id) => /^m\d+$/.test(id))).toEqual(messages);
}, 60_000);

it('the session is opened no more often for 120 runs at once than for 10', async () => {
  const few = await runAtOnce(10);
  const many = await runAtOnce(120);
  expect(many.opened).toBeLessThanOrEqual(few.opened + 1);
}, 60_000);

it('an entry is read once for all runs that go on in its session', async () => {
  const log = createMemoryLog();
  await write(log, 'a');
  const { hub } = await processOn(log).hubs.acquire(session);
  const listen = vi.spyOn(hub, 'listen');
  const told: string[] = [];
  const stops = Array.from({ length: 50 }, (_, at) =>
    followRun(hub, `r${at}`, {
      told: ({ k, run }) => told.push(`${k} ${run}`),
      unsure: () => told.push('unsure'),
      deleted: () => told.push('deleted'),
    }),
  );
  expect(listen).toHaveBeenCalledOnce();
  const cancel = (run: string) => JSON.stringify({ k: 'cancel', run, at: 0 });
  await log.send(session, {
    command: 'c',
    entries: ['r7', 'r99', 'r8'].map((run, at) => ({ nonce: at + 1, body: cancel(run) })),
  });
  await vi.waitFor(() => expect(told).toEqual(['cancel r7', 'cancel r8']));
  stops[8]?.();
  await log.delete(session);
  await vi.waitFor(() => expect(told.filter((each) => each === 'deleted')).toHaveLength(49));
  for (const stop of stops) stop();
  // Nobody follows: the next one listens anew.
  followRun(hub, 'r', { told: () => {}, unsure: () => {}, deleted: () => {} })();
  expect(listen).toHaveBeenCalledTimes(2);
});
