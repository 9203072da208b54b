import { randomUUID } from 'node:crypto';
import type { EntryFrame } from '@holdfast/protocol';
import { sum } from '../stats.ts';
import { checkWords, tokenLength } from '../tokens.ts';
import type { Context } from './context.ts';

export interface FanoutPlan {
  readonly followers: number;
  /** Chunks at the beginning that are not counted. */
  readonly warm: number;
  readonly chunks: number;
}

export interface FanoutResult {
  readonly framesPerSecond: number;
  /** Of one frame on average, which tells whether sides are compared that send the same. */
  readonly frameBytes: number;
}

/** Frames per second that reach many sockets which follow one agent. */
export async function measureFanout(
  { origin, openCrowd }: Context,
  { followers, warm, chunks }: FanoutPlan,
): Promise<FanoutResult> {
  if (!openCrowd) throw new Error('this side has no socket that several could follow');
  const done = Promise.withResolvers<number>();
  // A socket that fails while the crowd gathers is reported by its own `join`.
  done.promise.catch(() => {});
  const crowd = openCrowd(origin, randomUUID(), { onEntry, onFault: done.reject });
  const frames: number[] = new Array(followers).fill(0);
  const bytes: number[] = new Array(followers).fill(0);
  const whole = (warm + chunks) * tokenLength;
  let length = 0;
  let begun: { readonly at: number; readonly all: number; readonly first: number } | undefined;
  let countedBytes = 0;
  /** Frames that each follower will have got, and how many followers have not yet. */
  let expected = 0;
  let behind = followers;

  /** The first follower reads the text; the others get the same frames. */
  function read(frame: Buffer): void {
    const text = textIn(frame);
    checkWords(text, length);
    length += text.length;
    if (begun) countedBytes += frame.length;
    else if (length >= warm * tokenLength)
      begun = { at: performance.now(), all: sum(frames), first: frames[0] ?? 0 };
    if (length < whole) return;
    expected = frames[0] ?? 0;
    behind = frames.filter((got) => got < expected).length;
  }

  function onEntry(follower: number, frame: Buffer): void {
    const got = (frames[follower] ?? 0) + 1;
    frames[follower] = got;
    bytes[follower] = (bytes[follower] ?? 0) + frame.length;
    if (follower === 0) read(frame);
    else if (got === expected) behind--;
    if (behind === 0) done.resolve(performance.now());
  }

  let joined = 0;
  const join = async () => {
    while (joined < followers) await crowd.join(joined++);
  };
  try {
    await Promise.all(Array.from({ length: 20 }, join));
    await crowd.speak({ kind: 'steps', count: warm + chunks });
    const end = await done.promise;
    if (!begun || new Set(frames).size > 1 || new Set(bytes).size > 1)
      throw new Error('not all followers got the same');
    return {
      framesPerSecond: (sum(frames) - begun.all) / ((end - begun.at) / 1_000),
      frameBytes: countedBytes / (expected - begun.first),
    };
  } finally {
    crowd.close();
  }
}

function textIn(frame: Buffer): string {
  const { d } = JSON.parse(String(frame)) as EntryFrame;
  return d.k === 'chunks' ? d.c.map(({ delta }) => delta ?? '').join('') : '';
}
