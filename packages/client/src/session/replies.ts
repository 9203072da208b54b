import { Fold, type Message, type RunInfo, type SnapshotItem } from '@holdfast/protocol';
import type { Content } from './reader.ts';
import { foldOf, isLive, type Reply } from './reply.ts';
import { chunksToRest } from './rest.ts';

/** The order of a session's messages, its runs, and the replies that may still be read or go on. */
export class Replies {
  readonly #order: string[] = [];
  readonly #replies = new Map<string, Reply>();
  readonly #runs = new Map<string, RunInfo>();

  /** Live runs, and those of the last message. */
  get runs(): readonly RunInfo[] {
    return [...this.#runs.values()];
  }

  /** Live runs whose message is still there, in the order of their start. */
  get liveRuns(): readonly RunInfo[] {
    return this.runs.filter(isLive).filter(({ messageId }) => this.#replies.has(messageId));
  }

  /** False when a live run writes into a message of which only the end is known. */
  get isWhole(): boolean {
    return !this.liveRuns.some(({ messageId }) => this.#replies.get(messageId)?.isPartial);
  }

  get(messageId: string): Reply | undefined {
    return this.#replies.get(messageId);
  }

  run(id: string): RunInfo | undefined {
    return this.#runs.get(id);
  }

  /** The run that tells how a message, or one run of it, ended; undefined while it goes on. */
  endOf(messageId: string, run: string | null): RunInfo | undefined {
    const info =
      run === null ? this.runs.findLast((one) => one.messageId === messageId) : this.#runs.get(run);
    const isGoingOn = this.runs.some(
      (one) => isLive(one) && (run === null ? one.messageId === messageId : one.run === run),
    );
    return isGoingOn ? undefined : info;
  }

  setRun(run: RunInfo): void {
    this.#runs.set(run.run, run);
  }

  /** The message that a run writes into, at the end when it is new. */
  open(messageId: string): Reply {
    const known = this.#replies.get(messageId);
    if (known) return known;
    const reply: Reply = {
      rest: null,
      segments: [],
      isPartial: this.#order.includes(messageId),
    };
    this.#replies.set(messageId, reply);
    if (!reply.isPartial) this.#order.push(messageId);
    return reply;
  }

  addMessage(message: Message): void {
    if (this.#order.includes(message.id)) return;
    this.#order.push(message.id);
    if (message.role === 'assistant') this.#rest(message);
  }

  /** Gives the ids of what is behind the message, and forgets it. */
  truncate(after: unknown): readonly string[] {
    const at = after === null ? 0 : this.#order.indexOf(String(after)) + 1;
    const cut = this.#order.splice(at);
    for (const id of cut) this.#replies.delete(id);
    return cut;
  }

  /** Takes the place of all that was known; replies at rest are kept if wanted, or last. */
  load(
    items: readonly SnapshotItem[],
    runs: readonly RunInfo[],
    wanted: ReadonlySet<string>,
  ): void {
    this.#order.length = 0;
    this.#replies.clear();
    this.#runs.clear();
    for (const item of items) {
      this.#order.push(item.id);
      if ('segments' in item) {
        const segments = item.segments.map(({ run, chunks }) => ({ run, fold: foldOf(chunks) }));
        this.#replies.set(item.id, { rest: null, segments, isPartial: false });
      } else if (
        item.message.role === 'assistant' &&
        (item === items.at(-1) || wanted.has(item.id))
      )
        this.#rest(item.message);
    }
    for (const run of runs) {
      this.#runs.set(run.run, run);
      const segments = this.#replies.get(run.messageId)?.segments;
      // A run that has said nothing yet has no segment in the snapshot.
      if (isLive(run) && segments && !segments.some((segment) => segment.run === run.run))
        segments.push({ run: run.run, fold: new Fold() });
    }
  }

  /** All that is known of a message. */
  contentOf(messageId: string): Content {
    const reply = this.#replies.get(messageId);
    if (!reply) return [];
    const before = reply.rest && chunksToRest(reply.rest, []);
    const segments = reply.segments.map(({ run, fold }) => ({ run, chunks: [...fold.chunks] }));
    return before ? [{ run: null, chunks: before }, ...segments] : segments;
  }

  /** Keeps only live replies, the last message, and what is being read. */
  prune(read: Iterable<string>): void {
    const kept = new Set<unknown>([...read, this.#order.at(-1)]);
    for (const run of this.runs) if (isLive(run)) kept.add(run.messageId);
    for (const id of this.#replies.keys()) if (!kept.has(id)) this.#replies.delete(id);
    for (const run of this.runs) if (!kept.has(run.messageId)) this.#runs.delete(run.run);
  }

  #rest(rest: Message): void {
    this.#replies.set(rest.id, { rest, segments: [], isPartial: false });
  }
}
