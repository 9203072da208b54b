import { HoldfastError } from '@holdfast/protocol';
import type { Head, LiveRun, StoredEntry } from '../contract/entries.ts';
import { movedTo } from '../moved.ts';

export type Value = string | number;

/** The meaning of the first number of a script's reply; the scripts' headers say the same. */
export type Codes<Name extends string> = Readonly<Record<number, Name>>;

export function values(reply: unknown): readonly Value[] {
  if (Array.isArray(reply)) return reply as readonly Value[];
  throw new HoldfastError('internal', 'unable to understand the reply of Redis: not a list');
}

export const text = (value: Value | undefined): string => String(value ?? '');

/** Looks the reply's code up in its table; throws what `moved` means (HF-LOG-6). */
export function outcomeOf<Name extends string>(
  codes: Codes<Name>,
  reply: unknown,
): { readonly name: Exclude<Name, 'moved'>; readonly rest: readonly Value[] } {
  const [code, ...rest] = values(reply);
  const name = codes[Number(code)];
  if (name === undefined)
    throw new HoldfastError('internal', `unable to understand the reply of Redis: code ${code}`);
  if (name === 'moved') throw movedTo({ epoch: text(rest[0]), id: text(rest[1]) });
  return { name: name as Exclude<Name, 'moved'>, rest };
}

/** Entries from id, body, id, body …, the first of them behind `prev`. */
export function entriesOf(prev: string, pairs: readonly Value[]): readonly StoredEntry[] {
  const entries: StoredEntry[] = [];
  let last = prev;
  for (let at = 0; at < pairs.length; at += 2) {
    const id = text(pairs[at]);
    entries.push({ id, prev: last, body: text(pairs[at + 1]) });
    last = id;
  }
  return entries;
}

export const damaged = (): HoldfastError =>
  new HoldfastError(
    'internal',
    'unable to read the log: entries are gone; is the maxmemory-policy of Redis noeviction?',
  );

/** A live run from its id, record, info, what is kept and what its lease has left, with the seq of its start. */
export function liveRunOf([run, record, info, kept, left]: readonly Value[]): {
  readonly start: number;
  readonly live: LiveRun;
} {
  const [attempt, , cancelled, start] = text(record).split(' ').map(Number);
  const live = {
    run: text(run),
    attempt: attempt ?? 0,
    info: text(info),
    kept: text(kept),
    leased: Number(left) >= 0,
    leftMs: Math.max(0, Number(left)),
    cancelled: cancelled === 1,
  };
  return { start: start ?? 0, live };
}

export function toHead(reply: unknown): Head | null {
  const [epoch, top, floor, bytes, checkpoint, ...fields] = values(reply);
  if (epoch === undefined) return null;
  const runs: ReturnType<typeof liveRunOf>[] = [];
  for (let at = 0; at < fields.length; at += 5) runs.push(liveRunOf(fields.slice(at, at + 5)));
  // A hash has no order; runs are told in the order of their starts.
  runs.sort((a, b) => a.start - b.start);
  return {
    epoch: text(epoch),
    top: text(top),
    floor: text(floor),
    bytes: Number(bytes),
    checkpoint: text(checkpoint),
    runs: runs.map(({ live }) => live),
  };
}
