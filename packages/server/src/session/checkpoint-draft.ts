import type { CheckpointCommand } from '@holdfast/log';
import type { Position } from '@holdfast/protocol';
import {
  type AssistantItem,
  isOpen,
  isPieced,
  type MessageItem,
  type ProjectedItem,
  type SessionProjection,
} from '@holdfast/protocol/projection';
import type { CheckpointBase } from './checkpoint-base.ts';
import { endedWell } from './ended-well.ts';
import { messageOf } from './fold-message.ts';
import { openBody, settledBody, stateOf } from './stored-item.ts';
import type { StoredMarks } from './stored-marks.ts';

/** A draft of what to store, so that entries up to `position` need not be kept. */
export interface CheckpointDraft {
  readonly command: Omit<CheckpointCommand, 'trim' | 'handed'>;
  /** Takes note that the log has it. */
  done(): void;
}

/** What to store, and the messages that are settled in it. */
interface Drafted extends Pick<CheckpointDraft, 'command'> {
  /** Settles them in the projection as well. */
  settle(): void;
}

/** A view that is to be stored. */
export interface Storable {
  readonly projection: SessionProjection;
  readonly position: Position;
  /** Place of the oldest message that the projection holds. */
  readonly start: number;
  /** The place from which on messages stay open. */
  readonly keep: number;
  /** Live runs that were asked to stop. */
  readonly stopping: ReadonlySet<string>;
  readonly openMessages: number;
}

/** Null when the log has everything already. */
export async function checkpointDraft(
  { projection, position, start, keep, stopping, openMessages }: Storable,
  base: CheckpointBase,
): Promise<Drafted | null> {
  const { epoch, id: through } = position;
  if (epoch === '' || through === base.checkpoint) return null;
  const count = start + projection.size;
  const { changes, settled } = await changesOf(projection, start, openMessages, base.marks);
  const state = stateOf(projection, [...stopping]);
  const from = base.checkpoint;
  const stored = { epoch, from, through, count, changes, keep };
  const command = state === base.state ? stored : { ...stored, state };
  return {
    command,
    settle: () => {
      for (const item of settled) projection.settle(item);
    },
  };
}

type Changes = CheckpointCommand['changes'];

/** The changes that the log does not have yet, of the items from place `start` on, and those that settle one. */
async function changesOf(
  projection: SessionProjection,
  start: number,
  openMessages: number,
  marks: StoredMarks,
): Promise<{ readonly changes: Changes; readonly settled: readonly MessageItem[] }> {
  const items = [...projection.items];
  const changes: Changes[number][] = [];
  const settled: MessageItem[] = [];
  for (const [index, item] of items.entries()) {
    const place = { at: start + index, key: item.id };
    const isOpen = staysOpen(projection, item, items.length - 1 - index, openMessages);
    const isChanged = !marks.has(item);
    // A long one never is one text again: its pieces stay where they are.
    if (item.kind === 'assistant' && !isOpen && !isPieced(item)) {
      const whole = await settledItem(projection, item);
      settled.push(whole);
      changes.push({ ...place, body: settledBody(whole) });
    } else if (isChanged) changes.push({ ...place, body: bodyOf(projection, item) });
  }
  return { changes, settled };
}

/** An answer as it is kept. How it ended goes with it: its runs are forgotten (HF-HTTP-26). */
async function settledItem(
  projection: SessionProjection,
  item: AssistantItem,
): Promise<MessageItem> {
  const { id, by } = item;
  const message = await messageOf(item);
  const isFinished = endedWell(projection, item);
  return { kind: 'message', id, message, by, ...(isFinished ? {} : { unfinished: true }) };
}

const bodyOf = (projection: SessionProjection, item: ProjectedItem): string =>
  item.kind === 'message' ? settledBody(item) : openBody(item, projection.runsOf(item.id));

/** The index of the oldest item that stays open; -1 when none does. */
export function firstOpen(projection: SessionProjection, openMessages: number): number {
  const items = [...projection.items];
  return items.findIndex((item, index) =>
    staysOpen(projection, item, items.length - 1 - index, openMessages),
  );
}

/** True when an item goes on being stored as it was written, with so many behind it (HF-ENT-7). */
function staysOpen(
  projection: SessionProjection,
  item: ProjectedItem,
  following: number,
  openMessages: number,
): boolean {
  if (item.kind === 'message') return false;
  if (following === 0) return true;
  if (!isOpen(projection, item)) return false;
  return (
    following < openMessages || projection.runsOf(item.id).some(({ state }) => state === 'running')
  );
}
