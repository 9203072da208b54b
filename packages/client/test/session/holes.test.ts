import type { SessionNews } from '@holdfast/client';
import { describe, expect, test } from 'vitest';
import {
  accepted,
  cut,
  entriesFrom,
  followed,
  live,
  liveAt,
  ownSession,
  said,
  snap,
  welcomed,
} from '../support/followed-session.ts';

const hole = entriesFrom(7, 8);

describe('HF-SUB-6: a session that was broken off is asked for again', () => {
  test('a second after it was asked for last, from where it stood', async () => {
    const set = await ownSession();
    set.clock.advance(700);
    const { clock, peer } = await liveAt('5-1', set);
    clock.advance(400);
    peer.say(...hole);
    expect(await said(peer)).toMatchObject([{ t: 'unsub' }]);
    clock.advance(599);
    expect(await said(peer)).toEqual([]);
    clock.advance(1);
    expect(await said(peer)).toMatchObject([{ t: 'sub', pos: 'E1:5-1' }]);
  });

  test('at once, where that is longer ago', async () => {
    const { clock, peer } = await liveAt('5-1');
    clock.advance(1_000);
    peer.say(...hole);
    await peer.expect('unsub');
    clock.advance(0);
    await peer.expect('sub');
  });

  test('in time also where the clock of the device was set back meanwhile', async () => {
    const { clock, peer } = await liveAt('5-1');
    clock.setBack(3_600_000);
    peer.say(...hole);
    await peer.expect('unsub');
    clock.advance(1_000);
    await peer.expect('sub');
  });

  test.each([
    [3_000, 2_999],
    [10, 999],
  ])(
    'not before %i ms, where the server says so, and not before a second',
    async (retryMs, most) => {
      const { clock, peer } = await followed('E1:5-1');
      const { r } = await peer.expect('sub');
      const err = { code: 'unavailable', message: 'unable to follow: busy', retryMs };
      peer.say({ t: 'res', r, err });
      await peer.expect('unsub');
      clock.advance(most);
      expect(await said(peer)).toEqual([]);
      clock.advance(1);
      expect(await peer.expect('sub')).toMatchObject({ pos: 'E1:5-1' });
    },
  );
});

test.each([
  ['rate', 'E1:5-1', 'asked again'],
  ['internal', undefined, 'asked again'],
  ['bad_request', 'E1:5-1', 'begun anew'],
  ['bad_request', undefined, 'refused'],
  ['forbidden', 'E1:5-1', 'refused'],
  ['teapot', 'E1:5-1', 'refused'],
])('an answer of %s to a subscription from %s is %s', async (code, from, what) => {
  const { clock, peer, session } = await followed(from);
  const told = session.until(() => {
    session.check();
    return session.isLive;
  });
  const { r } = await peer.expect('sub');
  peer.say({ t: 'res', r, err: { code, message: `unable to follow: ${code}` } });
  if (what === 'refused') {
    await expect(told).rejects.toMatchObject({ code });
    expect(() => session.check()).toThrow(code);
    expect(await said(peer)).toEqual([]);
    return;
  }
  await peer.expect('unsub');
  expect(() => session.check()).not.toThrow();
  clock.advance(1_000);
  expect((await accepted(peer)).pos).toBe(what === 'begun anew' ? undefined : from);
  if (from === undefined || what === 'begun anew') peer.say(snap('9-1'));
  peer.say(live);
  await told;
});

test('a session that is not on a socket begins anew in its own time, and asks for nothing', async () => {
  const { clock, session, gateway } = await ownSession();
  const told = { times: 0 };
  session.subscribe(() => told.times++);
  session.startOver();
  session.link('E1:5-1');
  const before = [clock.pending, told.times];
  session.startOver();
  expect([clock.pending, told.times]).toEqual(before);
  const peer = await gateway.accept();
  await peer.welcome();
  expect((await peer.expect('sub')).pos).toBeUndefined();
});

test('only a session that is on the socket is closed', async () => {
  const closed = { t: 'closed', s: 's1', why: 'deleted' };
  const broken = await liveAt('5-1');
  broken.peer.say(...hole, closed);
  await said(broken.peer);
  expect(broken.session.position).toBe('E1:5-1');
  const idle = await liveAt('5-1');
  idle.transport.hold('s2');
  idle.unlink();
  await said(idle.peer);
  idle.clock.advance(5_000);
  idle.peer.say(closed);
  await said(idle.peer);
  expect(idle.session.position).toBe('E1:5-1');
});

describe('what a snapshot shows is what came since it began', () => {
  const watched = async () => {
    const set = await ownSession();
    const shown: string[][] = [];
    set.session.watch((news: SessionNews) => {
      if (news.t === 'snap') shown.push(news.items.map(({ id }) => id));
    });
    const { peer } = await followed(undefined, set);
    await accepted(peer);
    return { ...set, peer, shown };
  };
  const part = snap('5-1', ['a'], { more: true });

  test('and all of its parts', async () => {
    const { peer, shown } = await watched();
    peer.say(part, snap('5-1', ['b'], { more: true }), snap('5-1', ['c']), live);
    await said(peer);
    expect(shown).toEqual([['a', 'b', 'c']]);
  });

  test('not before its socket was lost', async () => {
    const set = await watched();
    set.peer.say(part);
    await said(set.peer);
    await cut(set);
    set.session.link();
    const next = await welcomed(set);
    await accepted(next);
    next.say(snap('5-1', ['b']), live);
    await said(next);
    expect(set.shown).toEqual([['b']]);
  });

  test('not before a reset', async () => {
    const { peer, shown } = await watched();
    peer.say(part, { t: 'reset', s: 's1', why: 'lag' }, snap('5-1', ['b']), live);
    await said(peer);
    expect(shown).toEqual([['b']]);
  });

  test('HF-SUB-8 and not the one before, where a session that is live is told of anew', async () => {
    const { peer, shown, session } = await watched();
    peer.say(snap('5-1', ['a']), live, snap('6-1', ['b']));
    await said(peer);
    expect(shown).toEqual([['a'], ['b']]);
    expect([session.isLive, session.position]).toEqual([true, 'E1:6-1']);
  });
});

test('who watches what is known already is told all of it, at once, and no more when that ends', async () => {
  const { clock, peer, session } = await liveAt('5-1');
  const news: string[] = [];
  const unwatch = session.watch(({ t }) => news.push(t));
  await peer.expect('unsub');
  clock.advance(0);
  expect((await accepted(peer)).pos).toBeUndefined();
  peer.say(snap('5-1'), live, ...entriesFrom(5, 6));
  await said(peer);
  expect(news).toEqual(['snap', 'entry']);
  unwatch();
  peer.say(...entriesFrom(6, 7));
  await said(peer);
  expect(news).toHaveLength(2);
});

test('who watches is told who is here, and that the session is closed', async () => {
  const set = await ownSession();
  const news: SessionNews[] = [];
  set.session.watch((each) => news.push(each));
  const { peer } = await followed(undefined, set);
  await accepted(peer);
  const who = [{ id: 'ada', role: 'user', state: 'here' }];
  peer.say(snap('5-1'), live, { t: 'presence', s: 's1', who });
  peer.say({ t: 'closed', s: 's1', why: 'deleted' });
  await said(peer);
  expect(news).toMatchObject([
    { t: 'snap' },
    { t: 'presence', who },
    { t: 'closed', why: 'deleted' },
  ]);
});
