import type { Opened } from '@holdfast/log';
import {
  type Author,
  HoldfastError,
  isRecord,
  type Message,
  parseJson,
  type QueuedSend,
  type RunInfo,
  type Segment,
  type StepEntry,
  type Writer,
} from '@holdfast/protocol';
import {
  type AssistantItem,
  type LoadedItem,
  type MessageItem,
  type SessionProjection,
  segmentsOfItem,
} from '@holdfast/protocol/projection';
import { storedChunk } from './stored-chunks.ts';

/** A message as the log stores it: settled, or open with the runs that wrote into it. */
export type StoredItem = LoadedItem & { readonly runs?: readonly RunInfo[] };

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

/** What the log has stored of a session, with the runs that wrote into its open messages. */
export function readOpened({ items: bodies, state }: Pick<Opened, 'items' | 'state'>): State & {
  readonly items: readonly StoredItem[];
  readonly runs: readonly RunInfo[];
} {
  const items = bodies.map(readStored);
  const runs = new Map<string, RunInfo>();
  for (const item of items) for (const run of item.runs ?? []) runs.set(run.run, run);
  return { items, runs: [...runs.values()], ...readState(state) };
}

export const settledBody = ({ id, message, by, unfinished }: Omit<MessageItem, 'kind'>): string =>
  JSON.stringify({ id, message, by, unfinished } satisfies StoredItem);

export const openBody = (item: AssistantItem, runs: readonly RunInfo[]): string =>
  JSON.stringify({
    id: item.id,
    segments: segmentsOfItem(item).map((segment) => ({
      ...segment,
      chunks: segment.chunks.map(storedChunk),
    })),
    by: item.by,
    runs,
  } satisfies StoredItem);

/** A message that the session begins with; `segments` where something stands open in it (HF-ENT-8). */
export const seededBody = (
  message: Message,
  segments: readonly Segment[] | null,
  by: Writer | undefined,
): string =>
  segments
    ? JSON.stringify({ id: message.id, segments, by } satisfies StoredItem)
    : settledBody({ id: message.id, message, by });

/** The state of a session besides its messages, as the log stores it. */
export interface State {
  readonly queue: readonly QueuedSend[];
  readonly operator: Author | null;
  readonly steps: readonly StepEntry[];
  /** Live runs that were asked to stop. */
  readonly stopping: readonly string[];
}

const emptyState: State = { queue: [], operator: null, steps: [], stopping: [] };

/** Empty when there is nothing. */
export function stateOf(
  { queue, operator, steps }: Pick<SessionProjection, 'queue' | 'operator' | 'steps'>,
  stopping: readonly string[],
): string {
  const state = { queue, operator, steps, ...(stopping.length === 0 ? {} : { stopping }) };
  const isEmpty = queue.length + steps.length + stopping.length === 0 && operator === null;
  return isEmpty ? '' : JSON.stringify(state);
}

export function readState(state: string): State {
  if (state === '') return emptyState;
  const parsed = parseJson(state, maxDepth);
  if (parsed.ok && isRecord(parsed.value) && Array.isArray(parsed.value.queue))
    return { ...emptyState, ...(parsed.value as Partial<State>) };
  throw new HoldfastError(
    'internal',
    'unable to read the state of a session: it is none of this version of Holdfast',
  );
}
