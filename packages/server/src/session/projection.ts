import {
  type Chunk,
  type Entry,
  Fold,
  isRecord,
  type Message,
  type RunInfo,
  type Segment,
} from '@holdfast/protocol';

interface AssistantSegment {
  readonly run: string | null;
  attempt: number;
  fold: Fold;
}

/** A message that the reducer made, good as long as its item's version is the same. */
interface FoldedMessage {
  readonly version: number;
  readonly message: Message;
}

export interface AssistantItem {
  readonly kind: 'assistant';
  readonly id: string;
  readonly segments: AssistantSegment[];
  /** Grows with everything that changes the item. */
  version: number;
  folded?: FoldedMessage;
}

/** A message of the session: kept as it came, or as the chunks that make it. */
export type ProjectedItem =
  | { readonly kind: 'message'; readonly id: string; readonly message: Message }
  | AssistantItem;

/**
 * What a session's entries amount to: its messages in order and its runs. Pure and synchronous;
 * entries must be applied in log order, each once. Entries of unknown kinds and ones that do not
 * fit (a run of a message that was truncated away, HF-ENT-4) change nothing.
 */
export class SessionProjection {
  readonly #items = new Map<string, ProjectedItem>();
  readonly #runs = new Map<string, RunInfo>();

  get items(): Iterable<ProjectedItem> {
    return this.#items.values();
  }

  get runs(): readonly RunInfo[] {
    return [...this.#runs.values()];
  }

  get liveRuns(): readonly RunInfo[] {
    return this.runs.filter((run) => run.state === 'running');
  }

  item(id: string): ProjectedItem | undefined {
    return this.#items.get(id);
  }

  run(id: string): RunInfo | undefined {
    return this.#runs.get(id);
  }

  /** The runs that write, or wrote, into a message. */
  runsOf(messageId: string): readonly RunInfo[] {
    return this.runs.filter((run) => run.messageId === messageId);
  }

  /** All chunks of a message in order, folded; null when it is no assistant message with chunks. */
  chunksOf(messageId: string): readonly Chunk[] | null {
    const item = this.#items.get(messageId);
    return item?.kind === 'assistant' ? chunksOfItem(item) : null;
  }

  apply(entry: Entry): void {
    switch (entry.k) {
      case 'message':
        if (isRecord(entry.message) && typeof entry.message.id === 'string')
          this.#items.set(entry.message.id, {
            kind: 'message',
            id: entry.message.id,
            message: entry.message,
          });
        break;
      case 'truncate':
        this.#truncate(entry.after);
        break;
      case 'answer': {
        const item = this.#items.get(entry.messageId);
        if (item?.kind === 'assistant') push(item, segmentOf(item, null, 0), entry.chunks);
        break;
      }
      case 'run-start':
        this.#start({
          run: entry.run,
          attempt: entry.attempt,
          agent: entry.agent,
          messageId: entry.messageId,
          command: entry.command,
          state: 'running',
        });
        break;
      case 'chunks': {
        const run = this.#runs.get(entry.run);
        const item = run && this.#items.get(run.messageId);
        if (run?.attempt === entry.attempt && item?.kind === 'assistant')
          push(item, segmentOf(item, entry.run, entry.attempt), entry.c);
        break;
      }
      case 'run-end': {
        const run = this.#runs.get(entry.run);
        if (run) this.#runs.set(entry.run, { ...run, state: entry.outcome });
        break;
      }
      default:
        break;
    }
  }

  #start(run: RunInfo): void {
    this.#runs.set(run.run, run);
    const item = this.#items.get(run.messageId);
    if (item?.kind !== 'assistant') {
      const { messageId: id } = run;
      this.#items.set(id, { kind: 'assistant', id, segments: [], version: 0 });
      return;
    }
    item.version++;
    // A higher attempt begins anew in the place of the one that it supersedes (HF-ENT-3).
    for (const segment of item.segments)
      if (segment.run === run.run && segment.attempt < run.attempt) {
        segment.attempt = run.attempt;
        segment.fold = new Fold();
      }
  }

  #truncate(after: string | null): void {
    if (after !== null && !this.#items.has(after)) return;
    let keep = after !== null;
    for (const id of [...this.#items.keys()]) {
      if (!keep) {
        this.#items.delete(id);
        for (const run of this.runsOf(id)) if (run.state !== 'running') this.#runs.delete(run.run);
      }
      if (id === after) keep = false;
    }
  }
}

function segmentOf(item: AssistantItem, run: string | null, attempt: number): AssistantSegment {
  const last = item.segments.findLast((segment) => segment.run === run);
  // Answers that come behind a further run belong behind it.
  if (last && (run !== null || last === item.segments.at(-1))) return last;
  const segment: AssistantSegment = { run, attempt, fold: new Fold() };
  item.segments.push(segment);
  return segment;
}

function push(item: AssistantItem, segment: AssistantSegment, chunks: readonly Chunk[]): void {
  if (!Array.isArray(chunks)) return;
  item.version++;
  for (const chunk of chunks)
    if (isRecord(chunk) && typeof chunk.type === 'string') segment.fold.push(chunk as Chunk);
}

export const segmentsOfItem = (item: AssistantItem): Segment[] =>
  item.segments.map(({ run, fold }) => ({ run, chunks: [...fold.chunks] }));

export const chunksOfItem = (item: AssistantItem): Chunk[] =>
  item.segments.flatMap(({ fold }) => fold.chunks);
