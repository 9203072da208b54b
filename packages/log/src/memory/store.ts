import { HoldfastError, seqOf } from '@holdfast/protocol';
import type { Head, StoredEntry } from '../contract/entries.ts';
import type {
  CheckpointCommand,
  CheckpointOutcome,
  FoundItem,
  ItemsRequest,
  ItemsResult,
  Opened,
  SeedCommand,
  SeedOutcome,
} from '../contract/messages.ts';
import { openItems, pageEntries } from '../limits.ts';
import { sizeOf, sizeOfAll } from '../sealed-size.ts';
import { readStep } from './resume.ts';
import { checkPlace, exists, put, type SessionState } from './state.ts';
import type { StepContext } from './step.ts';

export function openStep(
  state: SessionState,
  head: Head,
  limit: number,
  { now, limits }: StepContext,
): Opened {
  state.until = now + limits.retentionMs;
  const { items, keep, handed, rest, epoch, checkpoint } = state;
  const start = Math.max(0, items.length - openItems, Math.min(items.length - limit, keep));
  const read = readStep(state, { after: { epoch, id: checkpoint }, limit: pageEntries });
  return {
    ...head,
    count: items.length,
    handed,
    state: rest,
    items: items.slice(start).map(({ body }) => body),
    entries: read.kind === 'entries' ? read.entries : [],
  };
}

export function itemsStep(state: SessionState, { before, limit }: ItemsRequest): ItemsResult {
  const { epoch, checkpoint, items } = state;
  const end = Math.min(before, items.length);
  const bodies = items.slice(Math.max(0, before - limit), end).map(({ body }) => body);
  return { epoch, checkpoint, count: items.length, items: bodies };
}

export function findStep(
  { epoch, checkpoint, items }: SessionState,
  key: string,
): FoundItem | null {
  const at = items.findLastIndex((item) => item.key === key);
  return at < 0 ? null : { epoch, checkpoint, at };
}

export function checkpointStep(
  state: SessionState,
  command: CheckpointCommand,
  { now, limits }: StepContext,
): CheckpointOutcome {
  const { epoch, from, through, count, changes, keep, trim, handed, state: rest } = command;
  if (epoch !== state.epoch) return 'missing';
  if (from !== state.checkpoint || !isNext(state, through)) return 'stale';
  const kept = Math.min(state.items.length, count);
  const added = new Set(changes.flatMap(({ at }) => (at >= kept ? [at] : [])));
  if (added.size !== count - kept || changes.some(({ at }) => at >= count))
    throw new HoldfastError('internal', 'unable to store the session: a place is left empty');
  // What is stored counts as that, and no longer as entries, though these stay for a while.
  const grown = grownBy(state, command) - sizeOfAll(entriesTo(state, through));
  // A write that makes a session smaller is let through, or a full one could never be stored.
  if (state.bytes + grown > limits.sessionBytes && grown > 0) return 'full';
  const dropped = droppedBy(state, trim, handed ?? state.told);
  // In its place: a copy would cost as much as the session is long, at the end of each answer.
  state.items.length = kept;
  for (const { at, key, body } of changes) state.items[at] = { key, body };
  state.checkpoint = through;
  state.keep = keep;
  if (handed !== undefined) {
    state.handed = handed;
    state.told = handed;
  }
  if (rest !== undefined) state.rest = rest;
  state.bytes += grown;
  state.floor = state.entries[dropped - 1]?.id ?? state.floor;
  state.entries = state.entries.slice(dropped);
  state.until = now + limits.retentionMs;
  return 'done';
}

/** Bytes by which the stored messages and the state grow: only what changes is looked at. */
function grownBy(
  { items, rest: before }: SessionState,
  { count, changes, state: rest = before }: CheckpointCommand,
): number {
  let grown = sizeOf(rest) - sizeOf(before) - sizeOfAll(items.slice(count));
  for (const { at, body } of changes)
    grown += sizeOf(body) - (at < count ? sizeOf(items[at]?.body ?? '') : 0);
  return grown;
}

/** True when the checkpoint can move there: to an entry behind it that the log holds. */
const isNext = ({ checkpoint, entries, floor }: SessionState, id: string): boolean =>
  id === checkpoint ||
  (seqOf(id) > seqOf(checkpoint) && entries[seqOf(id) - seqOf(floor) - 1]?.id === id);

/** The entries behind the checkpoint, up to an id. */
const entriesTo = (
  { checkpoint, entries, floor }: SessionState,
  id: string,
): readonly StoredEntry[] =>
  entries.slice(seqOf(checkpoint) - seqOf(floor), Math.max(0, seqOf(id) - seqOf(floor)));

/** How many entries go, up to an id; not what the application was not told of yet. */
function droppedBy(
  { entries, floor }: SessionState,
  trim: string | null,
  told: string | null,
): number {
  const wanted = trim === null ? 0 : seqOf(trim);
  const allowed = told === null ? wanted : Math.min(wanted, seqOf(told));
  return Math.min(entries.length, Math.max(0, allowed - seqOf(floor)));
}

export function seedStep(
  state: SessionState,
  { items, entry, state: rest = '' }: SeedCommand,
  context: StepContext,
): SeedOutcome {
  const { limits, now } = context;
  if (exists(state)) return 'exists';
  const bytes = sizeOfAll(items) + sizeOf(rest);
  if (bytes + sizeOf(entry.body) > limits.sessionBytes || items.length + 1 > limits.sessionEntries)
    return 'full';
  checkPlace(state, entry.behind);
  state.epoch = entry.behind?.epoch ?? context.mintEpoch();
  state.items = [...items];
  state.rest = rest;
  state.keep = items.length;
  // The entry is stored with the messages that it tells of, and counts for nothing more.
  state.bytes = bytes;
  context.deliver(put(state, entry, 0));
  state.checkpoint = state.top;
  state.handed = state.top;
  state.until = now + limits.retentionMs;
  return 'seeded';
}
