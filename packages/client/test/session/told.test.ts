import { describe, expect, test, vi } from 'vitest';
import type { Session } from '../../src/session/contract.ts';
import {
  accepted,
  entriesFrom,
  type FollowedSession,
  followed,
  live,
  liveAt,
  ownSession,
  said,
  snap,
  taken,
} from '../support/followed-session.ts';
import type { Peer } from '../support/gateway.ts';

/** What listeners saw, each time that they were told. */
function listened<T>(session: Session, read: () => T): T[] {
  const seen: T[] = [];
  session.subscribe(() => seen.push(read()));
  return seen;
}

const changes: { readonly [name: string]: (set: FollowedSession) => unknown } = {
  'a hole': ({ peer }) => peer.say(...entriesFrom(7, 8)),
  'the loss of its socket': ({ peer }) => peer.terminate(),
  'the end of its last link': ({ unlink, clock }) => {
    unlink();
    clock.advance(5_000);
  },
  'a refusal': ({ peer }) => peer.close(4403),
  'a close': ({ peer }) => peer.say({ t: 'closed', s: 's1', why: 'deleted' }),
};

test.each(Object.entries(changes))(
  'listeners see that it is live no more: %s',
  async (_, change) => {
    const set = await liveAt('5-1');
    const seen = listened(set.session, () => set.session.isLive);
    change(set);
    await vi.waitFor(() => expect(seen).toContain(false));
  },
);

test('listeners see every entry, a snapshot, and that the session is live', async () => {
  const { peer, session } = await followed('E1:5-1');
  const seen = listened(session, () => `${session.position} ${session.isLive}`);
  await accepted(peer);
  peer.say(...entriesFrom(5, 7), live, { t: 'reset', s: 's1', why: 'lag' }, snap('9-1'), live);
  await said(peer);
  const positions = ['E1:6-1 false', 'E1:7-1 false', 'E1:7-1 true', 'E1:9-1 false', 'E1:9-1 true'];
  expect(seen).toEqual(positions);
});

test('the list of runs is the same one until a run is another', async () => {
  const { peer, session } = await liveAt('5-1');
  const told = async (p: number, d: object) => {
    peer.say({ t: 'entry', s: 's1', p: `${p}-1`, i: `${p + 1}-1`, d });
    await said(peer);
    return session.getSnapshot();
  };
  const start = { k: 'run-start', run: 'r', attempt: 1, agent: 'a', messageId: 'M', command: 'c' };
  const none = session.getSnapshot();
  expect(await told(5, { k: 'note' })).toBe(none);
  const running = await told(6, start);
  expect(running).toMatchObject([{ run: 'r', state: 'running' }]);
  expect(await told(7, { k: 'note' })).toBe(running);
  expect(session.runs).toBe(running);
  const ended = await told(8, { k: 'run-end', run: 'r', attempt: 1, outcome: 'finished' });
  expect(ended).toMatchObject([{ run: 'r', state: 'finished' }]);
});

describe('HF-FLOW-1: what came is acknowledged', () => {
  const sizeOf = (frame: object): number => JSON.stringify(frame).length;

  /** An entry of 5-1 to 6-1 whose frame has so many characters. */
  function sized(size: number): Record<string, unknown> {
    const [entry] = entriesFrom(5, 6);
    const padded = (pad: string) => ({ ...entry, d: { k: 'note', pad } });
    return padded('x'.repeat(size - sizeOf(padded(''))));
  }

  const acks = async (peer: Peer) =>
    (await taken(peer)).flatMap((frame) => (frame.t === 'ack' ? [frame.i] : []));

  test('a second behind the first of it, time and again', async () => {
    const { clock, peer } = await followed('E1:5-1');
    await accepted(peer);
    for (const at of [5, 7]) {
      peer.say(...entriesFrom(at, at + 1));
      await said(peer);
      clock.advance(800);
      peer.say(...entriesFrom(at + 1, at + 2));
      await said(peer);
      clock.advance(199);
      expect(await acks(peer)).toEqual([]);
      clock.advance(1);
      expect(await acks(peer)).toEqual([`${at + 2}-1`]);
    }
  });

  test('as soon as it is 65,536 characters, and then not again', async () => {
    for (const size of [65_535, 65_536]) {
      const { clock, peer } = await followed('E1:5-1');
      await accepted(peer);
      peer.say(sized(size));
      expect(await acks(peer)).toEqual(size === 65_536 ? ['6-1'] : []);
      clock.advance(1_000);
      expect(await acks(peer)).toEqual(size === 65_536 ? [] : ['6-1']);
    }
  });

  test('a snapshot too, by its end', async () => {
    const { clock, peer } = await liveAt('5-1');
    clock.advance(1_000);
    expect(await acks(peer)).toEqual(['5-1']);
  });

  test('in the next subscription, where the one before ended with something to acknowledge', async () => {
    const { clock, peer, transport, session, unlink } = await liveAt('5-1');
    transport.hold('s2');
    unlink();
    clock.advance(4_999);
    peer.say(...entriesFrom(5, 6));
    await said(peer);
    clock.advance(1);
    expect((await said(peer)).map(({ t }) => t)).toEqual(['unsub']);
    session.link();
    expect(await accepted(peer)).toMatchObject({ pos: 'E1:6-1' });
    peer.say(...entriesFrom(6, 7));
    await said(peer);
    clock.advance(1_000);
    expect(await acks(peer)).toEqual(['7-1']);
  });
});

test('HF-SUB-4: a session gets its epoch with the position of a send, followed or not', async () => {
  for (const isFollowed of [true, false]) {
    const set = await followed();
    await accepted(set.peer, '');
    set.peer.say(snap('0-0', [], { epoch: '' }), live);
    await said(set.peer);
    expect(set.session.position).toBeNull();
    if (!isFollowed) {
      set.unlink();
      set.clock.advance(5_000);
      await set.peer.closed;
    }
    set.session.read({ messageId: 'M', run: 'r', after: 'E7:0-0' });
    expect(set.session.position).toBe('E7:0-0');
  }
});

test('HF-PRES-1: who is there is said on every socket, and who is away is not', async () => {
  const set = await ownSession();
  set.session.present('here');
  const { peer, session } = await followed(undefined, set);
  await accepted(peer);
  expect(await said(peer)).toEqual([{ t: 'presence', s: 's1', state: 'here' }]);
  session.present('away');
  expect(await said(peer)).toEqual([{ t: 'presence', s: 's1', state: 'away' }]);
  session.present('typing');
  expect(await said(peer)).toEqual([{ t: 'presence', s: 's1', state: 'typing' }]);
  expect(await said((await liveAt('5-1')).peer)).toEqual([]);
});
