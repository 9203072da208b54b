import { describe, expect, test, vi } from 'vitest';
import type { Reader } from '../../src/session/reader.ts';
import {
  accepted,
  cut,
  entriesFrom,
  type FollowedSession,
  followed,
  live,
  liveAt,
  ownSession,
  said,
  snap,
} from '../support/followed-session.ts';

const run = { run: 'r', messageId: 'M' };
const start = { k: 'run-start', run: 'r', attempt: 1, agent: 'a', messageId: 'M', command: 'c' };
const end = { k: 'run-end', run: 'r', attempt: 1, outcome: 'finished' };
const chunks = { k: 'chunks', run: 'r', attempt: 1, c: [{ type: 'start' }] };

/** These entries behind 5-1. */
const behind = (...bodies: readonly object[]) =>
  entriesFrom(5, 5 + bodies.length).map((entry, at) => ({ ...entry, d: bodies[at] }));

describe('a run that was not seen, of a send that was answered with the position before it', () => {
  test.each([
    ['E1:2-1', false],
    ['E1:1-1', true],
    ['E1:0-0', true],
    [undefined, true],
  ])('a session at 5-1 is past the run behind %s: %s', async (after, is) => {
    const { session } = await liveAt('5-1');
    expect(session.isPast({ ...run, after })).toBe(is);
  });

  test('is to come where nothing is known yet, and does not where nobody follows', async () => {
    const set = await ownSession();
    const isPast = () => set.session.isPast({ ...run, after: 'E1:1-1' });
    expect(isPast()).toBe(true);
    await followed(undefined, set);
    expect(isPast()).toBe(false);
  });

  test('is looked for in a snapshot as soon as it must have been seen', async () => {
    const { clock, peer, session } = await liveAt('5-1');
    clock.advance(1_000);
    session.read({ ...run, after: 'E1:3-1' });
    peer.say(...entriesFrom(5, 6));
    expect(await said(peer)).toEqual([]);
    peer.say(...entriesFrom(6, 7));
    expect(await said(peer)).toMatchObject([{ t: 'unsub' }]);
    clock.advance(0);
    expect((await accepted(peer)).pos).toBeUndefined();
  });

  test('is looked for at once where it must have been seen before', async () => {
    const { clock, peer, session } = await liveAt('5-1');
    clock.advance(1_000);
    session.read({ ...run, after: 'E1:1-1' });
    expect(await said(peer)).toMatchObject([{ t: 'unsub' }]);
  });

  test('is not looked for before the session is live', async () => {
    const { peer, session } = await followed('E1:5-1');
    session.read({ ...run, after: 'E1:1-1' });
    await accepted(peer);
    peer.say(...entriesFrom(5, 6));
    expect(await said(peer)).toEqual([]);
    peer.say(live);
    expect(await said(peer)).toMatchObject([{ t: 'unsub' }]);
  });
});

describe('a session has caught up', () => {
  /** Whether it has, as far as it was told. */
  function watched({ session }: Pick<FollowedSession, 'session'>): () => string {
    let state = 'waits';
    session.caughtUp().then(
      () => {
        state = 'knows';
      },
      ({ code }: { code: string }) => {
        state = code;
      },
    );
    return () => state;
  }

  test('when it is live, and not before', async () => {
    const set = await followed();
    const [first, second] = [watched(set), watched(set)];
    await accepted(set.peer);
    set.peer.say(snap('5-1'), ...entriesFrom(5, 6));
    expect(await said(set.peer)).toEqual([]);
    expect([first(), second()]).toEqual(['waits', 'waits']);
    set.peer.say(live);
    await said(set.peer);
    expect([first(), second()]).toEqual(['knows', 'knows']);
    const third = watched(set);
    expect(await said(set.peer)).toEqual([]);
    expect(third()).toBe('knows');
  });

  test.each([
    ['E1:1-1', true],
    ['E1:0-0', false],
  ])('from a snapshot, where it began in the middle of the log: %s', async (from, isPartial) => {
    const set = await followed(from);
    await accepted(set.peer);
    set.peer.say(...entriesFrom(5, 5), live);
    await said(set.peer);
    set.clock.advance(1_000);
    const states = [watched(set), watched(set)];
    const isAsked = isPartial ? ['unsub'] : [];
    expect((await said(set.peer)).map(({ t }) => t)).toEqual(isAsked);
    if (isPartial) {
      set.clock.advance(0);
      expect((await accepted(set.peer)).pos).toBeUndefined();
      states.push(watched(set));
      expect(await said(set.peer)).toEqual([]);
      set.peer.say(snap('5-1'), live);
      await said(set.peer);
    }
    for (const state of states) expect(state()).toBe('knows');
    states.push(watched(set));
    expect(await said(set.peer)).toEqual([]);
  });

  test('from a snapshot, where a run goes on with what is known in part', async () => {
    const set = await followed();
    await accepted(set.peer);
    set.peer.say(snap('5-1', ['M']), live, ...behind(start));
    await said(set.peer);
    watched(set);
    await set.peer.expect('unsub');
  });

  test('never, where it is refused while somebody waits', async () => {
    const set = await liveAt('5-1');
    await cut(set);
    const state = watched(set);
    set.session.refuse(Object.assign(new Error('no'), { code: 'forbidden' }));
    await vi.waitFor(() => expect(state()).toBe('forbidden'));
  });
});

describe('a stream', () => {
  const reading = async () => {
    const set = await liveAt('5-1');
    set.peer.say(...behind(start, chunks));
    await said(set.peer);
    const reader = set.session.read(run);
    return { ...set, reader };
  };

  test('holds the session, until its end is known', async () => {
    const { clock, peer, reader, unlink } = await reading();
    unlink();
    clock.advance(10_000);
    expect(await said(peer)).toEqual([]);
    peer.say(...behind(start, chunks, end).slice(2));
    await said(peer);
    expect(reader.isOpen).toBe(false);
    clock.advance(5_000);
    await peer.expect('unsub');
  });

  test('is one of the session until it is delivered, which listeners are told of', async () => {
    const { peer, session, reader } = await reading();
    peer.say(...behind(start, chunks, end).slice(2));
    await said(peer);
    expect([...session.streams]).toEqual([reader]);
    const seen: number[] = [];
    session.subscribe(() => seen.push(session.streams.size));
    const words = reader.stream.getReader();
    expect((await words.read()).value).toEqual({ type: 'start' });
    expect(seen).toEqual([]);
    expect((await words.read()).done).toBe(true);
    expect(seen).toEqual([0]);
  });

  const stuck = async (set: FollowedSession) => {
    await cut(set);
    for (let attempt = 2; attempt <= 8; attempt++) {
      // As long as the next try is away, and less than 8 s more: it would be one that got no token.
      set.clock.advance(250 * 2 ** (attempt - 2));
      (await set.gateway.accept()).terminate();
      await vi.waitFor(() => expect(set.transport.connection.trouble?.attempt).toBe(attempt));
    }
  };
  const endOf = (reader: Reader) =>
    reader.stream
      .getReader()
      .read()
      .then(
        () => 'more',
        (error: Error) => error.name,
      );

  test('HF-CONN-16 that has shown nothing ends where no socket comes, and one that has shown something waits', async () => {
    const set = await reading();
    const shown = set.reader.stream.getReader();
    await shown.read();
    const before = set.session.read({ ...run, run: 'to come', after: 'E1:7-1' });
    await stuck(set);
    expect(set.reader.isOpen).toBe(true);
    expect(() => set.session.check()).toThrow('unable to connect');
    expect(await endOf(before)).toBe('TypeError');
    // While the next try is under way, what has failed is known.
    set.clock.advance(10_000);
    await set.gateway.accept();
    const late = set.session.read({ ...run, run: 'to come', after: 'E1:7-1' });
    expect(await endOf(late)).toBe('TypeError');
  });
});
