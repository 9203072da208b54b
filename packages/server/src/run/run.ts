import type { SessionLog } from '@holdfast/log';
import {
  type Chunk,
  HoldfastError,
  isRecord,
  type Limits,
  type Outcome,
  type RunStartEntry,
} from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import type { Report } from '../options.ts';
import type { SessionHub } from '../session/hub.ts';
import { Batch } from './batch.ts';
import { watchCancel } from './cancel.ts';
import { cutOffEnding } from './cut-off.ts';
import { keepLease } from './lease.ts';
import { RunWriter, type WriteOutcome } from './writer.ts';

export interface RunOptions {
  readonly log: SessionLog;
  readonly hub: SessionHub;
  readonly session: string;
  readonly run: string;
  readonly attempt: number;
  readonly messageId: string;
  /** Told in the message's metadata; absent for an agent without a name. */
  readonly agent?: string;
  readonly limits: Limits;
  readonly environment: Environment;
  readonly report: Report;
  /** The text for users when the agent failed. */
  readonly errorText: (error: unknown) => string;
  readonly restart: () => Promise<boolean>;
  /** Of an attempt that takes over: what it begins with. */
  readonly start?: RunStartEntry;
  /** Told of the bytes of each entry that the log has taken. */
  readonly onWritten: (bytes: number) => void;
  /** Starts the agent; its chunks are the run. */
  readonly source: (signal: AbortSignal) => Promise<AsyncIterable<unknown>>;
}

/** How reading the agent came out. */
type Reading =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'stopped' };

/** About a quarter of an entry's limit, since sizes are estimates. */
const batchShare = 4;
/** How long an agent that was stopped may still send its own ending, in ms. */
const farewellMs = 1_000;
/** Chunks after which a message looks as it did before. */
const openings: ReadonlySet<string> = new Set([
  'start',
  'start-step',
  'text-start',
  'reasoning-start',
]);
/** After a stop only what ends the message is let through, and what a tool has done already. */
const farewell: ReadonlySet<string> = new Set([
  'abort',
  'finish',
  'message-metadata',
  'tool-output-available',
]);

/**
 * Runs an agent to its end and writes what it produces into the log. Never rejects: whatever
 * happens ends in one `run-end`, unless another attempt took over or the log stayed away, which is
 * reported. Resolves with how it ended when that is written, and with null where it was not.
 */
export async function executeRun(options: RunOptions): Promise<Outcome | null> {
  const abort = new AbortController();
  const stop = () => abort.abort(new DOMException('The run was stopped.', 'AbortError'));
  const lost = new AbortController();
  const writer = new RunWriter({ ...options, onCancelled: stop });
  const lease = keepLease({ ...options, onCancelled: stop, onLost: () => lost.abort() });
  const unwatch = watchCancel(options.hub, options.run, stop, lease.look);
  try {
    if (options.start && (await writer.write(options.start)) !== 'written')
      throw fencedError(options.run);
    const tee = new Tee(options, writer, abort.signal, lost);
    const reading = await tee.read();
    if (lost.signal.aborted) throw fencedError(options.run);
    return await finish(options, writer, reading, tee);
  } catch (error) {
    options.report(error, { session: options.session, run: options.run });
    return null;
  } finally {
    // A model that still works for a run that is over would cost money for nothing.
    stop();
    unwatch();
    lease.release();
  }
}

const fencedError = (run: string): HoldfastError =>
  new HoldfastError(
    'conflict',
    `unable to go on writing run ${run}: it was taken over, has ended, or the log stayed away too long`,
  );

async function finish(
  options: RunOptions,
  writer: RunWriter,
  reading: Reading,
  tee: Tee,
): Promise<Outcome> {
  const { run, attempt, environment } = options;
  const last: Chunk[] = [];
  let outcome: Outcome = tee.sawError ? 'failed' : 'finished';
  let reason: string | undefined;
  if (reading.kind === 'stopped') {
    outcome = 'stopped';
    last.push(...(await cutOffEnding(options, 'stopped')), tee.abort ?? { type: 'abort' });
  } else if (reading.kind === 'failed') {
    options.report(reading.error, { session: options.session, run });
    outcome = 'failed';
    reason = HoldfastError.is(reading.error) ? reading.error.code : undefined;
    if (!tee.sawError) {
      last.push(...(await cutOffEnding(options, 'failed')));
      last.push({ type: 'error', errorText: options.errorText(reading.error) });
    }
  }
  await writeLast(options, writer, last);
  const written = await writer.write(
    {
      k: 'run-end',
      run,
      attempt,
      outcome,
      messageId: options.messageId,
      ...(reason === undefined ? {} : { reason }),
      at: environment.now(),
    },
    { outcome },
  );
  if (written !== 'written') throw fencedError(run);
  return outcome;
}

/** A full log still takes the end of the run, so what does not fit is left out. */
async function writeLast(
  { run, attempt, limits }: RunOptions,
  writer: RunWriter,
  chunks: readonly Chunk[],
): Promise<void> {
  const batch = new Batch();
  for (const chunk of chunks) batch.push(chunk);
  while (!batch.empty) {
    const c = batch.take(limits.entryBytes / batchShare);
    await writer.write({ k: 'chunks', run, attempt, c }).catch((error: unknown) => {
      if (!HoldfastError.is(error) || error.code !== 'too_large') throw error;
    });
  }
}

/** Reads the agent and writes in groups; the two halves go on side by side. */
class Tee {
  readonly #options: RunOptions;
  readonly #writer: RunWriter;
  readonly #signal: AbortSignal;
  readonly #lost: AbortController;
  readonly #batch = new Batch();
  #flushing: Promise<WriteOutcome> | null = null;
  /** Why the log takes no more chunks: it is full, or a chunk fits into no entry. */
  #refused: HoldfastError | null = null;
  #started = false;
  /** How the agent ended its message after the stop; it goes behind everything else. */
  abort: Chunk | null = null;
  sawError = false;

  constructor(options: RunOptions, writer: RunWriter, signal: AbortSignal, lost: AbortController) {
    this.#options = options;
    this.#writer = writer;
    this.#signal = signal;
    this.#lost = lost;
  }

  async read(): Promise<Reading> {
    const reading = await this.#readSource().catch(
      (error: unknown): Reading => ({ kind: 'failed', error }),
    );
    await this.#flushed();
    if (this.#refused) return { kind: 'failed', error: this.#refused };
    return this.#signal.aborted ? { kind: 'stopped' } : reading;
  }

  async #readSource(): Promise<Reading> {
    const { limits } = this.#options;
    const enough = this.#enough();
    const source = await enough.or(this.#options.source(this.#signal));
    if (source === null) return { kind: 'stopped' };
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await enough.or(iterator.next());
        if (next === null || next.done) return { kind: 'done' };
        this.#take(next.value);
        if (this.#batch.size > limits.runBufferBytes) await this.#flushing;
        if (this.#refused || this.#lost.signal.aborted) return { kind: 'done' };
      }
    } finally {
      // Not awaited: an agent that hangs must not hold the end of its run.
      void Promise.resolve(iterator.return?.()).catch(() => {});
    }
  }

  /** Ends waiting for the agent when the run was lost, or a while after it was stopped. */
  #enough(): { or<T>(work: Promise<T>): Promise<T | null> } {
    let wake = () => {};
    let isEnough = false;
    const end = () => {
      isEnough = true;
      wake();
    };
    this.#lost.signal.addEventListener('abort', end);
    void whenAborted(this.#signal)
      .then(() => this.#options.environment.wait(farewellMs))
      .then(end);
    return {
      // Not Promise.race: each race would leave a reaction on one promise that lives as long as
      // the run, for every chunk.
      or: (work) =>
        new Promise((resolve, reject) => {
          wake = () => resolve(null);
          if (isEnough) wake();
          work.then(resolve, reject);
        }),
    };
  }

  #take(value: unknown): void {
    const chunk = this.#admit(value);
    if (!chunk) return;
    this.#batch.push(chunk);
    // What shows nothing yet need not go ahead of what does: one append less before the first word.
    if (!openings.has(chunk.type) || 'messageMetadata' in chunk) this.#flush();
  }

  /** Gives every run its `start` under the message's id (HF-ENT-2). */
  #admit(value: unknown): Chunk | null {
    if (!isRecord(value) || typeof value.type !== 'string') {
      this.#options.report(new TypeError('unable to log a chunk: it has no type'), {
        session: this.#options.session,
        run: this.#options.run,
      });
      return null;
    }
    const chunk = value as Chunk;
    if (this.#signal.aborted) {
      if (!farewell.has(chunk.type) || chunk.preliminary === true) return null;
      if (chunk.type === 'abort') {
        this.abort = chunk;
        return null;
      }
    }
    if (chunk.type === 'error') this.sawError = true;
    if (chunk.type === 'start') {
      this.#started = true;
      return this.#startOf(chunk);
    }
    if (!this.#started) {
      this.#started = true;
      this.#batch.push(this.#startOf({ type: 'start' }));
    }
    return chunk;
  }

  /** HF-ENT-2, and who writes, where that has a name. */
  #startOf(chunk: Chunk): Chunk {
    const { messageId, agent } = this.#options;
    if (agent === undefined) return { ...chunk, messageId };
    const { messageMetadata } = chunk as { readonly messageMetadata?: object };
    return { ...chunk, messageId, messageMetadata: { ...messageMetadata, agent } };
  }

  #flush(): void {
    this.#flushing ??= this.#write()
      // A log in memory answers before anything else can arrive: without a turn of the event loop
      // in between, every chunk of a fast model would become an entry of its own.
      .then((outcome) => new Promise<WriteOutcome>((resolve) => setImmediate(resolve, outcome)))
      .finally(() => {
        this.#flushing = null;
        if (!this.#batch.empty && !this.#refused && !this.#lost.signal.aborted) this.#flush();
      });
  }

  async #write(): Promise<WriteOutcome> {
    const { run, attempt, limits } = this.#options;
    const c = this.#batch.take(limits.entryBytes / batchShare);
    try {
      const outcome = await this.#writer.write({ k: 'chunks', run, attempt, c });
      if (outcome === 'fenced') this.#lost.abort();
      if (outcome === 'full')
        this.#refused = new HoldfastError(
          'full',
          'unable to log more of this session: it has reached its size limit; start a new session',
        );
      return outcome;
    } catch (error) {
      this.#refused = HoldfastError.is(error)
        ? error
        : new HoldfastError('internal', 'unable to log a chunk: it is no JSON', { cause: error });
      return 'full';
    }
  }

  async #flushed(): Promise<void> {
    if (!this.#batch.empty && !this.#refused && !this.#lost.signal.aborted) this.#flush();
    while (await this.#flushing) await this.#flushing;
  }
}

const whenAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
