import type { CheckpointCommand } from '@holdfast/log';
import type { Message } from '@holdfast/protocol';
import { isOpen, type ProjectedItem, type SessionProjection } from '@holdfast/protocol/projection';
import { messageOf } from './fold-message.ts';
import { openBody, settledBody } from './stored-item.ts';
import type { StoredMarks } from './stored-marks.ts';

/** A draft of what to store, so that entries up to `position` need not be kept. */
export interface Draft {
  readonly command: Omit<CheckpointCommand, 'trim' | 'handed'>;
  /** Takes note that the log has it. */
  done(): void;
}

type Changes = CheckpointCommand['changes'];

/** The knowledge of a view about its items. */
interface Known {
  readonly openMessages: number;
  readonly marks: StoredMarks;
}

/** The changes that the log does not have yet, of the items from place `start` on, and those that settle one. */
export async function changesOf(
  projection: SessionProjection,
  start: number,
  { openMessages, marks }: Known,
): Promise<{ readonly changes: Changes; readonly settled: ReadonlyMap<string, Message> }> {
  const items = [...projection.items];
  const changes: Changes[number][] = [];
  const settled = new Map<string, Message>();
  for (const [index, item] of items.entries()) {
    const place = { at: start + index, key: item.id };
    const isOpen = staysOpen(projection, item, items.length - 1 - index, openMessages);
    const isChanged = !marks.has(item);
    if (item.kind === 'assistant' && !isOpen) {
      const message = await messageOf(item);
      settled.set(item.id, message);
      changes.push({ ...place, body: settledBody(message, item.by) });
    } else if (isChanged) changes.push({ ...place, body: bodyOf(projection, item) });
  }
  return { changes, settled };
}

const bodyOf = (projection: SessionProjection, item: ProjectedItem): string =>
  item.kind === 'message'
    ? settledBody(item.message, item.by)
    : openBody(item, projection.runsOf(item.id));

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
