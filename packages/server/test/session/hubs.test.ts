import { createFeeds, createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits, HoldfastError } from '@holdfast/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { SessionHubs } from '../../src/session/hubs.ts';
import { write } from '../support/hub.ts';
import { changed } from '../support/logs.ts';
import { manualTime } from '../support/manual-time.ts';

const lingerMs = 15_000;
const session = 's';

function hubsOver(log: SessionLog = createMemoryLog(), linger = lingerMs) {
  const time = manualTime();
  const reports: unknown[] = [];
  const feeds = createFeeds(log, { limits: { lingerMs: 0 } });
  let shares = 0;
  const hubs = new SessionHubs({
    log,
    feeds: {
      ...{ close: () => feeds.close() },
      acquire: async (name) => {
        const { feed, release } = await feeds.acquire(name);
        shares++;
        return {
          feed,
          release: () => {
            shares--;
            release();
          },
        };
      },
    },
    limits: { ...defaultLimits, lingerMs: linger },
    environment: time.environment,
    report: (error, about) => reports.push({ error, about }),
  });
  onTestFinished(async () => {
    await hubs.close();
    await feeds.close();
  });
  return { log, hubs, time, reports, shares: () => shares };
}

/** Lets what is ready to run do so. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('a hub is kept for as long as anybody has a share, and lingerMs longer', async () => {
  const { hubs, time, shares } = hubsOver();
  const [first, second] = await Promise.all([hubs.acquire(session), hubs.acquire(session)]);
  expect(second.hub).toBe(first.hub);
  first.release();
  first.release();
  time.pass(lingerMs);
  expect(hubs.size).toBe(1);
  second.release();
  time.pass(lingerMs - 1);
  await settled();
  expect([hubs.size, shares()]).toEqual([1, 1]);
  time.pass(1);
  await settled();
  expect([hubs.size, shares(), time.timers]).toEqual([0, 0, 0]);
});

it('who comes back before that has the same one, and for as long as they stay', async () => {
  const { hubs, time } = hubsOver();
  const first = await hubs.acquire(session);
  first.release();
  time.pass(lingerMs - 1);
  const again = await hubs.acquire(session);
  expect(again.hub).toBe(first.hub);
  time.pass(lingerMs);
  expect(hubs.size).toBe(1);
  again.release();
  time.pass(lingerMs);
  await settled();
  expect(hubs.size).toBe(0);
  const anew = await hubs.acquire(session);
  expect(anew.hub).not.toBe(first.hub);
});

it('one that is used for an act is given back behind it, also where that fails', async () => {
  const { hubs, time } = hubsOver();
  expect(await hubs.use(session, async ({ position }) => position.id)).toBe('0-0');
  const error = new Error('no');
  await expect(hubs.use(session, () => Promise.reject(error))).rejects.toBe(error);
  time.pass(lingerMs);
  await settled();
  expect(hubs.size).toBe(0);
});

it('one that could not be opened is tried anew by who comes next', async () => {
  const inner = createMemoryLog();
  const away = new HoldfastError('unavailable', 'unable to reach the log');
  let isAway = true;
  const log = changed(inner, {
    head: (name) => (isAway ? Promise.reject(away) : inner.head(name)),
  });
  const { hubs, time } = hubsOver(log);
  const both = await Promise.allSettled([hubs.acquire(session), hubs.acquire(session)]);
  for (const each of both) expect(each).toMatchObject({ status: 'rejected', reason: away });
  expect([hubs.size, time.timers]).toEqual([0, 0]);
  isAway = false;
  expect((await hubs.acquire(session)).hub.session).toBe(session);
});

it('closing ends all of them, also those that are still being opened or only kept, and no timer stays', async () => {
  const { hubs, time, shares } = hubsOver();
  const kept = await hubs.acquire('kept');
  kept.release();
  const open = await hubs.acquire('open');
  const opening = hubs.acquire('opening');
  await hubs.close();
  await opening;
  expect([hubs.size, shares(), time.timers]).toEqual([0, 0, 0]);
  open.release();
  expect(time.timers).toBe(0);
});

it('closing waits for none that cannot be opened', async () => {
  const inner = createMemoryLog();
  const away = new HoldfastError('unavailable', 'unable to reach the log');
  const { hubs } = hubsOver(changed(inner, { head: () => Promise.reject(away) }));
  const opening = hubs.acquire(session).catch((error: unknown) => error);
  await hubs.close();
  expect(await opening).toBe(away);
});

it('one timer looks after the participants of all, and none where there is no hub', async () => {
  const { hubs, time } = hubsOver(createMemoryLog(), 0);
  expect(time.timers).toBe(0);
  const [one, two] = await Promise.all([hubs.acquire('s1'), hubs.acquire('s2')]);
  expect(time.timers).toBe(1);
  const tabs = [{}, {}];
  for (const [at, { hub }] of [one, two].entries()) {
    hub.presence.set(tabs[at] as object, { id: 'ada', role: 'user' }, 'typing');
    hub.presence.set(tabs[at] as object, { id: 'ada', role: 'user' }, 'here');
  }
  time.pass(999);
  expect(one.hub.presence.who).toMatchObject([{ state: 'typing' }]);
  time.pass(1);
  for (const { hub } of [one, two]) expect(hub.presence.who).toMatchObject([{ state: 'here' }]);
  one.release();
  time.pass(0);
  await settled();
  expect(time.timers).toBe(1);
  two.release();
  time.pass(0);
  await settled();
  expect(time.timers).toBe(0);
});

it('HF-EVT-8: one with somebody whose stream was cut is kept until they would have left', async () => {
  const { hubs, time } = hubsOver(createMemoryLog(), 0);
  const share = await hubs.acquire(session);
  const { hub } = share;
  const key = {};
  hub.presence.set(key, { id: 'ada', role: 'user' }, 'here');
  hub.presence.leaveSoon(key);
  share.release();
  time.pass(4_999);
  await settled();
  expect(hubs.size).toBe(1);
  time.pass(1);
  await settled();
  expect(hubs.size).toBe(0);
});

it('a signal that is lost is none to report, and one that never passes is', async () => {
  const inner = createMemoryLog();
  let code: 'unavailable' | 'too_large' = 'unavailable';
  const log = changed(inner, {
    signal: () => Promise.reject(new HoldfastError(code, 'unable to signal')),
  });
  await write(inner, 'a');
  const { hubs, reports } = hubsOver(log);
  const { hub } = await hubs.acquire(session);
  hub.presence.greet();
  await settled();
  expect(reports).toEqual([]);
  code = 'too_large';
  hub.presence.set({}, { id: 'ada', role: 'user' }, 'here');
  await settled();
  expect(reports).toMatchObject([{ error: { code }, about: { session } }]);
});

it('what nobody can read is reported with its session, once', async () => {
  const log = createMemoryLog();
  await log.send(session, { command: 'c', entries: [{ nonce: 1, body: 'no JSON' }] });
  const { hubs, reports } = hubsOver(log);
  const { hub } = await hubs.acquire(session);
  for (let time = 0; time < 2; time++) await hub.messages();
  await hub.checkpoint();
  expect(reports).toMatchObject([{ error: { code: 'internal' }, about: { session } }]);
});
