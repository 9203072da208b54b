import { formatPosition, parsePosition, type RunInfo, seqOf } from '@holdfast/protocol';
import { Changes } from '../changes.ts';
import type { SessionFrame } from '../connection/connection.ts';
import { Timers } from '../timers.ts';
import { type Interest, Reader } from './reader.ts';
import { Subscription, type SubscriptionOptions } from './subscription.ts';
import { Transcript } from './transcript.ts';

export type SessionOptions = Omit<SubscriptionOptions, 'subscriber'>;

/** A session stays followed this long after its last link, so that a remount costs nothing. */
const lingerMs = 5_000;
/** A command writes at most this many entries, at once: truncate, message, answer, run-start. */
const commandEntries = 4;

/** One session as this client knows it, and who reads it. */
export class Session {
  readonly #transcript: Transcript;
  readonly #subscription: Subscription;
  readonly #timers: Timers<'linger'>;
  readonly #changes = new Changes();
  readonly #links = new Set<object>();
  #runs: readonly RunInfo[] = [];

  constructor(options: SessionOptions) {
    const transcript = new Transcript(options.report);
    this.#transcript = transcript;
    this.#timers = new Timers(options.environment);
    this.#subscription = new Subscription({
      ...options,
      subscriber: {
        load: (items, runs, through) => transcript.load(items, runs, through),
        apply: (entry) => transcript.apply(entry),
        changed: () => this.#changed(),
        refused: (error) => transcript.endReaders(error),
      },
    });
  }

  /** Bound, for `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => this.#changes.subscribe(listener);

  /** Live runs and those of the last message; the same array until one of them changed. */
  readonly runs = (): readonly RunInfo[] => {
    const now = this.#transcript.runs;
    const isSame =
      now.length === this.#runs.length && now.every((run, at) => run === this.#runs[at]);
    if (!isSame) this.#runs = now;
    return this.#runs;
  };

  /** Live runs whose message is there. */
  get liveRuns(): readonly RunInfo[] {
    return this.#transcript.liveRuns;
  }

  /** What is sent to go on from here; null before the session exists or was heard of. */
  get position(): string | null {
    const { position } = this.#subscription;
    return position?.epoch ? formatPosition(position) : null;
  }

  /** Whether anything is known, so that following it again costs only what is new. */
  get isKnown(): boolean {
    return this.#subscription.position !== null || this.#subscription.state.kind !== 'off';
  }

  get isIdle(): boolean {
    return this.#subscription.state.kind === 'off';
  }

  settledIn(messageId: string): ReadonlySet<unknown> {
    return this.#transcript.settledIn(messageId);
  }

  /** Follows the session until the returned function is called, and a little longer. */
  link(from?: string): () => void {
    const link = {};
    this.#links.add(link);
    this.#timers.clear('linger');
    this.#subscription.start(from);
    return () => {
      if (!this.#links.delete(link) || this.#links.size > 0) return;
      this.#timers.set('linger', lingerMs, () => this.#subscription.stop());
    };
  }

  /** A stream of what the interest names; the session is followed while it is read. */
  read(interest: Interest): Reader {
    const after = parsePosition(interest.after);
    if (after) this.#subscription.adoptEpoch(after.epoch);
    const unlink = this.link(interest.after);
    const reader = new Reader(interest, (ended) => {
      this.#transcript.detach(ended);
      unlink();
    });
    this.#transcript.attach(reader);
    this.#lookForPastRuns();
    return reader;
  }

  /** Resolves once all that the log holds is known; rejects when following was refused. */
  async caughtUp(signal?: AbortSignal): Promise<void> {
    const { state, position, isWhole } = this.#subscription;
    if (state.kind !== 'off' && position && !(isWhole && this.#transcript.isWhole))
      this.#subscription.startOver();
    await this.#changes.until(() => {
      const { state, isWhole } = this.#subscription;
      if (state.kind === 'refused') throw state.error;
      return state.kind === 'live' && isWhole ? true : undefined;
    }, signal);
  }

  /** Resolves with the run that the command asked for once the log has it. */
  runOf(command: string, signal: AbortSignal): Promise<RunInfo> {
    return this.#changes.until(() => this.#transcript.runOf(command), signal);
  }

  greet(): void {
    this.#subscription.greet();
  }

  lost(): void {
    this.#subscription.lost();
  }

  receive(frame: SessionFrame, size: number): void {
    this.#subscription.receive(frame, size);
  }

  /** Following has failed: readers end with the error behind what they still have to deliver. */
  fail(error: Error): void {
    this.#subscription.refuse(error);
  }

  close(error: Error): void {
    this.#transcript.abortReaders();
    this.#subscription.refuse(error);
    this.#subscription.stop();
    this.#timers.clear();
    this.#links.clear();
  }

  #changed(): void {
    this.#changes.notify();
    this.#lookForPastRuns();
  }

  /**
   * A send that was repeated late may be answered with a run that came and went before this client
   * listened, or that it has forgotten. A snapshot tells what became of it.
   */
  #lookForPastRuns(): void {
    const { state, position } = this.#subscription;
    if (state.kind !== 'live' || !position) return;
    const isPast = this.#transcript.awaited.some(({ after }) => {
      const start = parsePosition(after);
      return start !== null && seqOf(position.id) >= seqOf(start.id) + commandEntries;
    });
    if (isPast) this.#subscription.startOver();
  }
}
