import type { ClientFrame, SubscribeFrame } from '@holdfast/protocol';
import { expect, vi } from 'vitest';
import type { Session } from '../../src/session/contract.ts';
import type { Peer } from './gateway.ts';
import { setUp, type WireChat } from './wire.ts';

// A session by itself, over real sockets whose gateway is the test's.

/** A transport and its session s1, which nobody follows yet. */
export interface OwnSession extends WireChat {
  readonly session: Session;
}

/** One that is followed, from the moment at which its socket was welcomed. */
export interface FollowedSession extends OwnSession {
  readonly peer: Peer;
  readonly unlink: () => void;
}

export async function ownSession(): Promise<OwnSession> {
  const set = await setUp();
  return { ...set, session: set.transport.session('s1') as Session };
}

export async function followed(from?: string, set?: OwnSession): Promise<FollowedSession> {
  const own = set ?? (await ownSession());
  const unlink = own.session.link(from);
  const peer = await welcomed(own);
  return { ...own, unlink, peer };
}

/** The next socket, which the gateway welcomes. */
export async function welcomed({ gateway }: WireChat): Promise<Peer> {
  const peer = await gateway.accept();
  await peer.welcome();
  return peer;
}

/** All that the client has sent since it was taken last: it has read by then what it was told. */
export async function taken(peer: Peer): Promise<ClientFrame[]> {
  const frames: ClientFrame[] = [];
  peer.say({ t: 'ping' });
  for (;;) {
    const frame = await peer.take();
    if (frame.t === 'pong') return frames;
    frames.push(frame);
  }
}

/** The same, but for acknowledgements. */
export const said = async (peer: Peer): Promise<ClientFrame[]> =>
  (await taken(peer)).filter(({ t }) => t !== 'ack');

/** Takes the subscription and accepts it: from where it asks, or with a snapshot. What follows is the test's. */
export async function accepted(peer: Peer, epoch = 'E1'): Promise<SubscribeFrame> {
  const sub = await peer.expect('sub');
  const { r, s, pos } = sub;
  const mode = pos === undefined ? 'snapshot' : 'replay';
  peer.say({ t: 'subbed', r, s, epoch, top: '9-1', mode, recovered: true });
  return sub;
}

/** Ends the socket; resolves when the client has noticed, and waits for the next try. */
export async function cut({
  peer,
  transport,
}: Pick<FollowedSession, 'peer' | 'transport'>): Promise<void> {
  peer.terminate();
  await vi.waitFor(() => expect(transport.connection.trouble?.attempt).toBe(1));
}

const user = (id: string) => ({ id, message: { id, role: 'user', parts: [] } });

/** A snapshot, or a part of it, that shows messages of these ids. */
export const snap = (
  through: string,
  ids: readonly string[] = [],
  more: object = {},
): Record<string, unknown> => ({
  t: 'snap',
  s: 's1',
  epoch: 'E1',
  through,
  items: ids.map(user),
  runs: [],
  more: false,
  ...more,
});

export const live = { t: 'live', s: 's1', i: '9-1' } as const;

/** The session is live at this entry, of which a snapshot told. */
export async function liveAt(through: string, set?: OwnSession): Promise<FollowedSession> {
  const known = await followed(undefined, set);
  await accepted(known.peer);
  known.peer.say(snap(through), live);
  await said(known.peer);
  return known;
}

/** Entries of a kind that is not known here, each behind the one before. */
export const entriesFrom = (first: number, last: number): Record<string, unknown>[] =>
  Array.from({ length: last - first }, (_, at) => ({
    t: 'entry',
    s: 's1',
    p: `${first + at}-1`,
    i: `${first + at + 1}-1`,
    d: { k: 'note' },
  }));
