import {
  type Author,
  HoldfastError,
  isRecord,
  type Message,
  parseJson,
  type QueuedSend,
  type RunInfo,
  type SnapshotItem,
  type StepEntry,
  type Writer,
} from '@holdfast/protocol';
import {
  type AssistantItem,
  type SessionProjection,
  segmentsOfItem,
} from '@holdfast/protocol/projection';

/** A message as the log stores it: settled, or open with the runs that wrote into it. */
export type StoredItem = SnapshotItem & { readonly runs?: readonly RunInfo[] };

const maxDepth = 1_000;

/** Reads the body of a stored message. Throws `internal` for one that this version cannot read. */
export function readStored(body: string): StoredItem {
  const parsed = parseJson(body, maxDepth);
  if (parsed.ok && isRecord(parsed.value) && typeof parsed.value.id === 'string')
    return parsed.value as unknown as StoredItem;
  throw new HoldfastError(
    'internal',
    'unable to read a stored message: it is none of this version of Holdfast',
  );
}

export const settledBody = (message: Message, by: Writer | undefined): string =>
  JSON.stringify({ id: message.id, message, by } satisfies StoredItem);

export const openBody = (item: AssistantItem, runs: readonly RunInfo[]): string =>
  JSON.stringify({
    id: item.id,
    segments: segmentsOfItem(item),
    by: item.by,
    runs,
  } satisfies StoredItem);

/** What a session is besides its messages, as the log stores it; empty when there is nothing. */
export const stateOf = ({ queue, operator, steps }: SessionProjection): string =>
  queue.length === 0 && operator === null && steps.length === 0
    ? ''
    : JSON.stringify({ queue, operator, steps });

interface State {
  readonly queue: readonly QueuedSend[];
  readonly operator: Author | null;
  readonly steps: readonly StepEntry[];
}

export function readState(state: string): State {
  if (state === '') return { queue: [], operator: null, steps: [] };
  const parsed = parseJson(state, maxDepth);
  if (parsed.ok && isRecord(parsed.value) && Array.isArray(parsed.value.queue))
    return {
      operator: null,
      steps: [],
      ...(parsed.value as { readonly queue: readonly QueuedSend[] }),
    };
  throw new HoldfastError(
    'internal',
    'unable to read the state of a session: it is none of this version of Holdfast',
  );
}
