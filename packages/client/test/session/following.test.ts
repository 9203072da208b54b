import { expect, test } from 'vitest';
import {
  accepted,
  cut,
  entriesFrom,
  followed,
  live,
  liveAt,
  ownSession,
  said,
  welcomed,
} from '../support/followed-session.ts';

test('a socket is told of the sessions that are followed, and of no others', async () => {
  const set = await ownSession();
  set.transport.session('s2');
  const { peer } = await followed(undefined, set);
  expect(await said(peer)).toMatchObject([{ t: 'sub', s: 's1' }]);
});

test('a session hears of itself, and not of another one', async () => {
  const { peer, session, transport } = await liveAt('5-1');
  transport.hold('s2');
  await accepted(peer);
  const [entry] = entriesFrom(5, 6);
  peer.say({ ...entry, s: 's2' }, { ...live, s: 's2' });
  await said(peer);
  expect(session.position).toBe('E1:5-1');
  expect(session.isLive).toBe(true);
});

test('a session that is known is followed from there, whatever a later link names', async () => {
  const set = await followed('E1:5-1');
  expect(await accepted(set.peer)).toMatchObject({ pos: 'E1:5-1' });
  set.peer.say(...entriesFrom(5, 6), live);
  await said(set.peer);
  set.unlink();
  set.clock.advance(5_000);
  await set.peer.closed;
  const { peer } = await followed('E1:2-1', set);
  expect(await peer.expect('sub')).toMatchObject({ pos: 'E1:6-1' });
});

test('where anybody watches, a session begins with a snapshot', async () => {
  const set = await ownSession();
  set.session.watch(() => {});
  const { peer } = await followed('E1:5-1', set);
  expect((await peer.expect('sub')).pos).toBeUndefined();
});

test('a session is followed for 5 s behind its last link, and a new link keeps it', async () => {
  const { clock, peer, session, unlink } = await liveAt('5-1');
  unlink();
  clock.advance(4_999);
  const unlinkAgain = session.link();
  clock.advance(10_000);
  expect(await said(peer)).toEqual([]);
  unlinkAgain();
  clock.advance(4_999);
  expect(await said(peer)).toEqual([]);
  clock.advance(1);
  await peer.expect('unsub');
});

test('a link that is taken back twice is one, and the others hold', async () => {
  const { clock, peer, session, unlink } = await liveAt('5-1');
  const other = session.link();
  unlink();
  clock.advance(5_000);
  expect(await said(peer)).toEqual([]);
  other();
  clock.advance(3_000);
  unlink();
  clock.advance(2_000);
  await peer.expect('unsub');
});

test('a link does not wait for the end of a delay: the next socket is tried at once', async () => {
  const set = await liveAt('5-1');
  await cut(set);
  set.session.link();
  const next = await welcomed(set);
  expect(await next.expect('sub')).toMatchObject({ pos: 'E1:5-1' });
});

const forbidden = { code: 'forbidden', message: 'unable to follow: not yours' };

test('a session that was refused and is followed again holds its socket once', async () => {
  const { clock, peer, session, transport, unlink } = await followed();
  const { r } = await peer.expect('sub');
  peer.say({ t: 'res', r, err: forbidden });
  await said(peer);
  const again = session.link();
  await accepted(peer);
  again();
  unlink();
  clock.advance(5_000);
  expect(transport.connection.getSnapshot()).toBe('idle');
});

test('HF-LIVE-5 a session that was refused is asked for again for those who still want it', async () => {
  for (const isWanted of [true, false]) {
    const set = await followed();
    const { r } = await set.peer.expect('sub');
    set.peer.say({ t: 'res', r, err: forbidden });
    await said(set.peer);
    if (!isWanted) set.unlink();
    set.transport.reconnect();
    const next = await welcomed(set);
    const frames = await said(next);
    expect(frames.map(({ t }) => t)).toEqual(isWanted ? ['sub'] : []);
  }
});

test('a link that outlives its transport leaves nothing behind when it ends', async () => {
  const { clock, transport, unlink } = await liveAt('5-1');
  transport.close();
  unlink();
  expect(clock.pending).toBe(0);
});

test('what is known is known on, and what is followed is known before it is told', async () => {
  const set = await ownSession();
  expect([set.session.isKnown(), set.session.isKept, set.session.shown]).toEqual([
    false,
    false,
    [],
  ]);
  const { clock, session, unlink } = await followed(undefined, set);
  expect(session.isKnown()).toBe(true);
  unlink();
  clock.advance(5_000);
  expect(session.isKnown()).toBe(false);
  const known = await liveAt('5-1', set);
  known.unlink();
  clock.advance(5_000);
  expect(session.isIdle()).toBe(true);
  expect(session.isKnown()).toBe(true);
});
