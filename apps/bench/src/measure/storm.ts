import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { formatPosition, type LiveFrame, type SubscribedFrame } from '@holdfast/protocol';
import type { WebSocket } from 'ws';
import { followSession, openGatewaySocket, typeOf } from '../gateway-socket.ts';
import type { Context } from './context.ts';
import { seedSession } from './seed.ts';

export interface StormPlan {
  readonly sockets: number;
  readonly sessions: number;
}

export interface StormResult {
  /** Scripts that Redis ran while all came back. */
  readonly reads: number;
  /** From the first new socket until the last one was live again. */
  readonly ms: number;
}

/** Messages of each session. */
const length = 20;

/** All sockets of many sessions break at once, and come back at once, each with its position. */
export async function measureStorm(
  context: Context,
  { sockets, sessions }: StormPlan,
): Promise<StormResult> {
  const { origin, meter } = context;
  if (!meter) throw new Error('this side has no Redis');
  const ids = Array.from({ length: sessions }, () => randomUUID());
  for (const id of ids) await seedSession(context, id, length);
  const followers = Array.from({ length: sockets }, (_, at) => ids[at % sessions] ?? '');
  const before = await inTurns(followers, (id) => join(origin, id));
  const stop = await meter.start();
  for (const { socket } of before) socket.terminate();
  const begun = performance.now();
  const after = await inTurns(before, ({ id, position }) => join(origin, id, position));
  const ms = performance.now() - begun;
  const { scripts } = await stop();
  for (const { socket } of after) socket.terminate();
  const snapshots = after.filter(({ mode }) => mode !== 'replay').length;
  if (snapshots > 0) throw new Error(`${snapshots} sockets did not resume from their position`);
  return { reads: scripts, ms };
}

interface Joined {
  readonly id: string;
  readonly socket: WebSocket;
  readonly mode: SubscribedFrame['mode'];
  readonly position: string;
}

/** Every connection that a kernel keeps waiting for an `accept`, and no more, at once. */
const atOnce = 200;

async function inTurns<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async () => {
    while (next < items.length) results.push(await act(items[next++] as Item));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

async function join(origin: string, id: string, position?: string): Promise<Joined> {
  const socket = openGatewaySocket(origin);
  await once(socket, 'open');
  let subscribed: SubscribedFrame | undefined;
  const live = new Promise<string>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('a socket was closed')));
    socket.on('message', (frame: Buffer) => {
      const type = typeOf(frame);
      if (type === 'subbed') subscribed = JSON.parse(String(frame)) as SubscribedFrame;
      if (type === 'live') resolve((JSON.parse(String(frame)) as LiveFrame).i);
      if (type === 'res') reject(new Error(`a socket got ${frame}`));
    });
  });
  followSession(socket, id, position);
  const last = await live;
  if (!subscribed) throw new Error('a socket is live that was not subscribed');
  const { epoch, mode } = subscribed;
  return { id, socket, position: formatPosition({ epoch, id: last }), mode };
}
