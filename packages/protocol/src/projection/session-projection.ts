import type { Author, Entry, QueuedSend, RunInfo, StepEntry } from '../entries.ts';
import { isRecord } from '../json.ts';
import { withOrder, withoutConsumed } from '../queue.ts';
import { restarted, withConsumed, withOutcome, withSteer } from '../steers.ts';
import {
  keptOf,
  type LoadedItem,
  type MessageItem,
  type ProjectedItem,
  projectedOf,
  push,
  seal,
} from './items.ts';
import { segmentOf, supersede } from './segments.ts';

/**
 * The projection of a session's entries: its messages in order and its runs. Pure and synchronous;
 * entries must be applied in log order, each once. It may hold the newest messages only; whoever
 * feeds it looks at `misses` first then. Entries of unknown kinds and ones that do not fit (a run of
 * a message that was truncated away, HF-ENT-6) change nothing.
 */
export class SessionProjection {
  readonly #items = new Map<string, ProjectedItem>();
  readonly #runs = new Map<string, RunInfo>();
  #queue: readonly QueuedSend[] = [];
  #operator: Author | null = null;
  /** Steps of live runs. */
  #steps: readonly StepEntry[] = [];

  /** The messages that are held, oldest first. */
  get items(): Iterable<ProjectedItem> {
    return this.#items.values();
  }

  /** How many messages are held. */
  get size(): number {
    return this.#items.size;
  }

  /** Runs that write, or wrote, into messages that are held, in the order in which they began. */
  get runs(): readonly RunInfo[] {
    return [...this.#runs.values()];
  }

  /** Runs that have not ended. */
  get liveRuns(): readonly RunInfo[] {
    return this.runs.filter((run) => run.state === 'running');
  }

  /** Sends that wait for their turn, the next one first. */
  get queue(): readonly QueuedSend[] {
    return this.#queue;
  }

  /** The results of the steps of live runs. */
  get steps(): readonly StepEntry[] {
    return this.#steps;
  }

  /** The operator who answers in place of the agents; null when nobody does. */
  get operator(): Author | null {
    return this.#operator;
  }

  /** The newest message; undefined when none is held. */
  get last(): ProjectedItem | undefined {
    return [...this.#items.values()].at(-1);
  }

  /** A message by its id; undefined where it is not held. */
  item(id: string): ProjectedItem | undefined {
    return this.#items.get(id);
  }

  /** A run by its id; undefined where it is not known, or was forgotten with its message. */
  run(id: string): RunInfo | undefined {
    return this.#runs.get(id);
  }

  /** The runs that write, or wrote, into a message. */
  runsOf(messageId: string): readonly RunInfo[] {
    return this.runs.filter((run) => run.messageId === messageId);
  }

  /** The message that the entry needs and that is not held here; it may be an older one. */
  misses(entry: Entry): string | null {
    const needed =
      entry.k === 'truncate'
        ? entry.after
        : entry.k === 'answer' || (entry.k === 'run-start' && entry.continues)
          ? entry.messageId
          : null;
    return needed === null || this.#items.has(needed) ? null : needed;
  }

  /** Takes the place of all that was held. */
  load(
    items: Iterable<LoadedItem>,
    runs: readonly RunInfo[],
    queue: readonly QueuedSend[] = [],
    operator: Author | null = null,
    steps: readonly StepEntry[] = [],
  ): void {
    this.#steps = steps;
    this.#queue = queue;
    this.#operator = operator;
    this.#items.clear();
    this.#runs.clear();
    for (const run of runs) this.#runs.set(run.run, run);
    for (const item of items) this.#items.set(item.id, projectedOf(item));
  }

  /**
   * Puts older messages in front of what is held, with the runs that are known of them; those that are held already
   * stay as they are.
   */
  prepend(items: Iterable<LoadedItem>, runs: readonly RunInfo[] = []): void {
    const held = [...this.#items];
    const all = [...runs, ...this.runs];
    this.#items.clear();
    this.#runs.clear();
    // What is held of a run comes last, and stays.
    for (const run of all) this.#runs.set(run.run, run);
    for (const item of items) this.#items.set(item.id, projectedOf(item));
    for (const [id, item] of held) this.#items.set(id, item);
  }

  /** Keeps a message as what its chunks made; nothing can be written into it any more. */
  settle(item: MessageItem): void {
    if (this.#items.has(item.id)) this.#items.set(item.id, item);
  }

  /** Forgets the oldest messages, and the runs of all messages that are settled or forgotten. */
  forget(count: number): void {
    let left = count;
    for (const id of this.#items.keys()) {
      if (left-- <= 0) break;
      this.#items.delete(id);
    }
    for (const { run, messageId, state } of this.#runs.values())
      if (state !== 'running' && this.#items.get(messageId)?.kind !== 'assistant')
        this.#runs.delete(run);
  }

  /** Takes the next entry of the log. */
  apply(entry: Entry): void {
    switch (entry.k) {
      case 'message':
        if (isRecord(entry.message) && typeof entry.message.id === 'string')
          this.#items.set(entry.message.id, {
            kind: 'message',
            id: entry.message.id,
            message: entry.message,
            by: entry.by,
          });
        break;
      case 'truncate':
        this.#truncate(entry.after);
        break;
      case 'answer': {
        const item = this.#items.get(entry.messageId);
        if (item?.kind === 'assistant') push(item, segmentOf(item.segments, null), entry.chunks);
        break;
      }
      case 'run-start':
        this.#start({
          run: entry.run,
          attempt: entry.attempt,
          agent: entry.agent,
          messageId: entry.messageId,
          command: entry.command,
          ...(entry.parent === undefined ? {} : { parent: entry.parent }),
          ...(entry.traceparent === undefined ? {} : { traceparent: entry.traceparent }),
          state: 'running',
        });
        break;
      case 'chunks': {
        const run = this.#runs.get(entry.run);
        const item = run && this.#items.get(run.messageId);
        if (run?.attempt === entry.attempt && item?.kind === 'assistant') {
          push(item, segmentOf(item.segments, entry.run), entry.c);
          this.#runs.set(entry.run, withConsumed(run, entry.c));
          this.#queue = withoutConsumed(this.#queue, entry.c);
        }
        break;
      }
      case 'steer': {
        const run = this.#runs.get(entry.run);
        if (run) this.#runs.set(entry.run, withSteer(run, entry));
        const item = run && this.#items.get(run.messageId);
        if (item?.kind === 'assistant') item.version++;
        break;
      }
      case 'step':
        this.#steps = [...this.#steps, entry];
        if (entry.seals) this.#seal(entry.run);
        break;
      case 'handoff':
        this.#operator = entry.to;
        break;
      case 'queue':
        this.#queue = withOrder(this.#queue, entry);
        break;
      case 'run-end': {
        this.#steps = this.#steps.filter(({ run: of }) => of !== entry.run);
        const run = this.#runs.get(entry.run);
        if (run) this.#runs.set(entry.run, withOutcome(run, entry.outcome, entry.reason));
        const item = run && this.#items.get(run.messageId);
        if (item?.kind === 'assistant') item.version++;
        break;
      }
      default:
        break;
    }
  }

  #start(run: RunInfo): void {
    const known = this.#runs.get(run.run);
    const { messageId: id } = run;
    const item = this.#items.get(id);
    this.#runs.set(run.run, restarted(run, known, item ? keptOf(item, run.run) : []));
    // A run that begins again has its message already, unless that was cut off (HF-ENT-6).
    if (!item && run.attempt > 1) return;
    const parent = this.#runs.get(run.parent ?? '')?.messageId ?? item?.by?.parent;
    const by = {
      id: run.agent,
      role: 'agent',
      ...(parent === undefined ? {} : { parent }),
    } as const;
    const into = item ?? { kind: 'assistant', id, segments: [], version: 0 };
    if (into.kind !== 'assistant') return;
    this.#items.set(id, into);
    into.by = by;
    into.version++;
    const { segments } = into;
    // Its chunks come behind all that was there when it began, also when that is not much yet.
    if (!segments.some((segment) => segment.run === run.run)) segmentOf(segments, run.run);
    else if (run.attempt > (known?.attempt ?? 1)) supersede(segments, run.run);
  }

  #seal(run: string): void {
    const item = this.#items.get(this.#runs.get(run)?.messageId ?? '');
    if (item?.kind === 'assistant') seal(item, run);
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
