import { HoldfastError, type Outcome } from '@holdfast/protocol';
import type { ClaimOutcome } from '../contract/claims.ts';
import type { Head, LiveRun, ReadResult, StoredEntry } from '../contract/entries.ts';
import type { CheckpointOutcome, FoundItem, ItemsResult, Opened } from '../contract/messages.ts';
import type { Reminder, ReminderTopic } from '../contract/reminders.ts';
import type { AppendOutcome, LeaseOutcome, SendOutcome, SuspectOutcome } from '../contract/runs.ts';
import { movedTo } from '../moved.ts';
import { codes } from './codes.ts';

type Value = string | number;

function values(reply: unknown): readonly Value[] {
  if (Array.isArray(reply)) return reply as readonly Value[];
  throw new HoldfastError('internal', 'unable to understand the reply of Redis: not a list');
}

/** Looks the reply's code up in its table; throws what `moved` means (HF-LOG-28). */
export function outcomeOf<Name extends string>(
  table: Readonly<Record<number, Name>>,
  reply: unknown,
): { readonly name: Exclude<Name, 'moved'>; readonly rest: readonly Value[] } {
  const [code, ...rest] = values(reply);
  const name = table[Number(code)];
  if (name === undefined)
    throw new HoldfastError('internal', `unable to understand the reply of Redis: code ${code}`);
  if (name === 'moved') throw movedTo({ epoch: text(rest[0]), id: text(rest[1]) });
  return { name: name as Exclude<Name, 'moved'>, rest };
}

const text = (value: Value | undefined): string => String(value ?? '');

export function toAppendOutcome(reply: unknown): AppendOutcome {
  const { name, rest } = outcomeOf(codes.append, reply);
  if (name === 'appended' || name === 'duplicate') return { kind: name, cancelled: rest[0] === 1 };
  if (name === 'gap') return { kind: name, expected: Number(rest[0]) };
  return { kind: name };
}

export function toLeaseOutcome(reply: unknown): LeaseOutcome {
  const { name, rest } = outcomeOf(codes.renew, reply);
  return name === 'held' ? { kind: name, cancelled: rest[0] === 1 } : { kind: name };
}

export function toSuspectOutcome(reply: unknown): SuspectOutcome {
  const { name, rest } = outcomeOf(codes.suspect, reply);
  return name === 'suspected' ? { kind: name, leftMs: Number(rest[0]) } : { kind: name };
}

export function toSendOutcome(reply: unknown): SendOutcome {
  const { name, rest } = outcomeOf(codes.send, reply);
  if (name !== 'accepted' && name !== 'duplicate') return { kind: name };
  const [epoch, before, run, info, state] = rest.map(text) as [
    string,
    string,
    string,
    string,
    'running' | Outcome,
  ];
  return run === ''
    ? { kind: name, epoch, before }
    : { kind: name, epoch, before, run: { run, info, state } };
}

export function toReadResult(reply: unknown): ReadResult {
  const { name, rest } = outcomeOf(codes.read, reply);
  if (name === 'missing') return { kind: name };
  if (name === 'damaged') throw damaged();
  const [epoch, top, floor, ...pairs] = rest.map(text) as [string, string, string, ...string[]];
  if (name !== 'entries') return { kind: 'reset', why: name, epoch, top };
  return { kind: 'entries', epoch, top, entries: entriesOf(floor, pairs) };
}

const damaged = (): HoldfastError =>
  new HoldfastError(
    'internal',
    'unable to read the log: entries are gone; is the maxmemory-policy of Redis noeviction?',
  );

/** Entries from id, body, id, body …, the first of them behind `prev`. */
function entriesOf(prev: string, pairs: readonly Value[]): readonly StoredEntry[] {
  const entries: StoredEntry[] = [];
  let last = prev;
  for (let at = 0; at < pairs.length; at += 2) {
    const id = text(pairs[at]);
    entries.push({ id, prev: last, body: text(pairs[at + 1]) });
    last = id;
  }
  return entries;
}

export function toOpened(reply: unknown): Opened | null {
  const { name, rest } = outcomeOf(codes.open, reply);
  if (name === 'missing') return null;
  if (name === 'damaged') throw damaged();
  const [count, handed, state, head, items, entries] = rest as readonly unknown[];
  const known = toHead(head);
  if (!known) return null;
  return {
    ...known,
    count: Number(count),
    handed: String(handed),
    state: String(state),
    items: values(items).map(text),
    entries: entriesOf(known.checkpoint, values(entries)),
  };
}

/** Whether what was opened has to be touched. */
export const isDue = (reply: unknown): boolean => values(reply)[7] === 1;

export function toItems(reply: unknown): ItemsResult | null {
  const { name, rest } = outcomeOf(codes.found, reply);
  if (name === 'missing') return null;
  const [epoch, checkpoint, count, ...items] = rest;
  return {
    epoch: text(epoch),
    checkpoint: text(checkpoint),
    count: Number(count),
    items: items.map(text),
  };
}

export function toFound(reply: unknown): FoundItem | null {
  const { name, rest } = outcomeOf(codes.found, reply);
  if (name === 'missing') return null;
  const [epoch, checkpoint, at] = rest;
  return { epoch: text(epoch), checkpoint: text(checkpoint), at: Number(at) };
}

export function toCheckpointOutcome(reply: unknown): CheckpointOutcome {
  const { name } = outcomeOf(codes.checkpoint, reply);
  if (name === 'hole')
    throw new HoldfastError('internal', 'unable to store the session: a place is left empty');
  return name;
}

export function toClaimOutcome(reply: unknown): ClaimOutcome {
  const { name, rest } = outcomeOf(codes.claim, reply);
  return name === 'taken' ? { kind: name, leftMs: Number(rest[0]) } : { kind: name };
}

export function toReminders(topic: ReminderTopic, reply: unknown): readonly Reminder[] {
  const [token, ...sessions] = values(reply);
  return sessions.map((session) => ({ topic, session: text(session), token: text(token) }));
}

export function toHead(reply: unknown): Head | null {
  const [epoch, top, floor, bytes, checkpoint, , ...fields] = values(reply);
  if (epoch === undefined) return null;
  const runs: { readonly start: number; readonly live: LiveRun }[] = [];
  for (let at = 0; at < fields.length; at += 5) {
    const [run, record, info, kept, left] = fields.slice(at, at + 5);
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
    runs.push({ start: start ?? 0, live });
  }
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
