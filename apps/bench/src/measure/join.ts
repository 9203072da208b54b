import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { defaultLimits, type SnapshotFrame } from '@holdfast/protocol';
import { followSession, openGatewaySocket, typeOf } from '../gateway-socket.ts';
import { type Context, newPage } from './context.ts';
import { follow } from './follow.ts';
import { seedSession } from './seed.ts';
import { bytesRead } from './wire.ts';

export interface JoinPlan {
  /** Numbers of messages that the sessions have. */
  readonly lengths: readonly number[];
  /** Joins of each session that are not counted, and those that are. */
  readonly warmups: number;
  readonly joins: number;
}

export interface Joined {
  /** Messages that the session has. */
  readonly length: number;
  readonly ms: number;
  readonly bytes: number;
}

/** Messages that are not seeded but sent and answered, so that there is a last answer as always. */
const sends = 3;

/** New clients that join long and short sessions by turns, each at a gateway that knows nothing yet. */
export async function measureJoins(
  context: Context,
  { lengths, warmups, joins }: JoinPlan,
): Promise<Joined[]> {
  const sessions: { readonly id: string; readonly length: number }[] = [];
  for (const length of lengths) sessions.push({ id: await prepare(context, length), length });
  const results: Joined[] = [];
  for (let join = -warmups; join < joins; join++)
    for (const { id, length } of sessions) {
      const joined = await joinOnce(context, id, length);
      if (join >= 0) results.push(joined);
    }
  return results;
}

/** Makes a session of so many messages, the last of which came over the wire. */
async function prepare(context: Context, length: number): Promise<string> {
  const id = randomUUID();
  await seedSession(context, id, length - 2 * sends);
  for (let send = 0; send < sends; send++) {
    // Each by a page of its own: these have no list to hand over, as a chat has.
    const page = newPage(context, id);
    await page.open();
    await follow(
      await page.send({ kind: 'paced', perSecond: 20_000, count: 200 }),
      () => undefined,
    );
    page.close();
  }
  return id;
}

async function joinOnce({ origin }: Context, id: string, length: number): Promise<Joined> {
  // The server forgets a session with its last follower, and needs a moment for it.
  await wait(25);
  const before = bytesRead();
  const socket = openGatewaySocket(origin);
  const frames: Buffer[] = [];
  await once(socket, 'open');
  const begun = performance.now();
  const live = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (frame: Buffer) => {
      frames.push(frame);
      if (typeOf(frame) === 'live') resolve();
    });
  });
  followSession(socket, id);
  await live;
  const ms = performance.now() - begun;
  const bytes = bytesRead() - before;
  socket.close();
  await once(socket, 'close');
  checkPage(frames, length);
  return { length, ms, bytes };
}

/** Throws unless the frames hold the newest page, and say whether there is more. */
function checkPage(frames: readonly Buffer[], length: number): void {
  const snaps = frames
    .filter((frame) => typeOf(frame) === 'snap')
    .map((frame) => JSON.parse(String(frame)) as SnapshotFrame);
  const shown = snaps.flatMap(({ items }) => items).length;
  const hasOlder = snaps.some(({ before }) => before !== undefined);
  const { pageMessages } = defaultLimits;
  if (shown !== pageMessages || hasOlder !== length > pageMessages)
    throw new Error(`a join of ${length} messages showed ${shown}, older ones: ${hasOlder}`);
}
