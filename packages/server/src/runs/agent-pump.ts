import { type Chunk, HoldfastError } from '@holdfast/protocol';
import { isAmbiguous } from '../files/keep-large.ts';
import { instruments } from '../telemetry/metrics.ts';
import { tellUsers } from '../user-text.ts';
import type { AgentCall } from './agent-call.ts';
import { isStray, notAChunk, toChunk } from './agent-fault.ts';
import type { Attempt } from './attempt.ts';
import { Batch, isSilent } from './batch.ts';
import { chunkTooLarge } from './chunk-size.ts';
import { cutOffEnding } from './cut-off.ts';
import { keepChunks, keepLast, notKept } from './keep-chunks.ts';
import { Pace } from './pace.ts';
import { leave, readValues, type Values, valuesOf } from './read-values.ts';
import { watchSilence } from './silence.ts';
import { splitDelta } from './split-delta.ts';
import type { WriteOutcome } from './writer.ts';

/** How reading the agent came out. */
export type Reading =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: unknown; readonly reason?: string }
  | { readonly kind: 'stopped' };

/** The end of waiting for an agent. */
interface Enough {
  /** Resolves at `end`. */
  readonly ended: Promise<null>;
  /** True when nothing more is taken. */
  readonly isOver: boolean;
  end(): void;
  /** It was read to its end. */
  over(): void;
}

/** How long an agent that was stopped may still send closing chunks, in ms. */
const closingMs = 1_000;
/** Closing chunks are all that is let through after a stop: what ends the message, and what a tool has done already. */
const closingChunks: ReadonlySet<string> = new Set([
  'abort',
  'finish',
  'message-metadata',
  'tool-output-available',
]);

const stalled = (): HoldfastError =>
  tellUsers(
    new HoldfastError(
      'unavailable',
      'unable to go on with the agent: it gave no chunk for `stallMs`; look at its provider and its tools, or raise the option',
    ),
    'The answer broke off, because nothing more came. Try again.',
  );

/** Pump between an agent and the log: reads chunks and writes them in groups, the two side by side. */
export class AgentPump {
  readonly #attempt: Attempt;
  readonly #batch: Batch;
  /** Under way while there is something to write. */
  #flushing: Promise<void> | null = null;
  /** Why the log takes no more chunks: it is full, or a chunk fits into no entry. */
  #refused: HoldfastError | null = null;
  /** True when nothing came for too long. */
  #isStalled = false;
  #started = false;
  readonly #pace: Pace;
  /** The agent's own error, while what stands before it is written. */
  #error: Chunk | null = null;
  /** How the agent ended its message after the stop; it goes behind everything else. */
  abort: Chunk | null = null;
  sawError = false;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
    this.#batch = new Batch(attempt.core.limits.entryBytes);
    this.#pace = new Pace(attempt.core.gathering);
  }

  async read(start: AgentCall['source']): Promise<Reading> {
    const reading = await this.#readSource(start).catch(
      (error: unknown): Reading => ({ kind: 'failed', error }),
    );
    await this.#flushed();
    if (this.#refused) return { kind: 'failed', error: this.#refused };
    if (this.#attempt.stopped.aborted) return { kind: 'stopped' };
    return this.#isStalled ? { kind: 'failed', error: stalled(), reason: 'stalled' } : reading;
  }

  async #readSource(start: AgentCall['source']): Promise<Reading> {
    const { environment, stallMs } = this.#attempt.core;
    const enough = this.#enough();
    const silence = watchSilence(environment, stallMs, () => {
      this.#isStalled = true;
      enough.end();
    });
    let values: Values | undefined;
    const read = async (): Promise<Reading> => {
      // It may have been lost before: a model that is not asked costs nothing.
      if (this.#attempt.lost.aborted) return { kind: 'stopped' };
      const source = await start(this.#attempt.stopped, silence.listen);
      const begun = valuesOf(source);
      // Nobody waits for it any more: unread it would be held, and its provider paid.
      if (enough.isOver) {
        leave(begun);
        return { kind: 'stopped' };
      }
      values = begun;
      await readValues(values, {
        onAsk: silence.listen,
        onAnswer: silence.heard,
        take: (value) => !enough.isOver && this.#takeAll(value),
      });
      return { kind: 'done' };
    };
    try {
      // One race for a run: one for each chunk would leave as many reactions behind.
      const reading = await Promise.race([read(), enough.ended]);
      return reading ?? { kind: values ? 'done' : 'stopped' };
    } finally {
      enough.over();
      silence.over();
      if (values) leave(values);
    }
  }

  /** Ends waiting for the agent when the run was lost, or a while after it was stopped. */
  #enough(): Enough {
    const { stopped, lost, core } = this.#attempt;
    const ended = Promise.withResolvers<null>();
    let isOver = false;
    // Both fire at the end of every run, and an engine's is read many times until then.
    const over = () => {
      isOver = true;
      lost.removeEventListener('abort', end);
      stopped.removeEventListener('abort', close);
    };
    const end = () => {
      over();
      ended.resolve(null);
    };
    const close = () => void core.environment.wait(closingMs).then(end);
    lost.addEventListener('abort', end);
    stopped.addEventListener('abort', close);
    if (stopped.aborted) close();
    return {
      ended: ended.promise,
      get isOver() {
        return isOver;
      },
      end,
      over,
    };
  }

  /** Takes a chunk, and says whether to go on; waits while the log does not keep up. */
  #takeAll(value: unknown): boolean | Promise<boolean> {
    this.#take(value);
    if (this.#batch.size <= this.#attempt.core.limits.runBufferBytes) return this.#goesOn;
    instruments()?.paused.add(1);
    return Promise.resolve(this.#flushing).then(() => this.#goesOn);
  }

  get #goesOn(): boolean {
    return !this.#refused && !this.#attempt.lost.aborted;
  }

  #take(value: unknown): void {
    const chunk = this.#admit(value);
    if (!chunk) return;
    for (const part of splitDelta(chunk, this.#attempt.core.limits.entryBytes))
      this.#batch.push(part);
    // A chunk that shows nothing yet need not go ahead of one that does: one append less before the first word.
    if (!isSilent(chunk)) this.#flush();
    if (!this.#batch.canWait) this.#pace.hurry();
  }

  /** Gives every run its `start` under the message's id (HF-ENT-2). */
  #admit(value: unknown): Chunk | null {
    // A stream that begins with one is none of chunks.
    if (this.#started && isStray(value)) {
      const { session, run } = this.#attempt.execution;
      this.#attempt.core.report(notAChunk(value), { session, run });
      return null;
    }
    const chunk = toChunk(value, !this.#started);
    const { messageId } = this.#attempt.execution;
    // The SDK's chats end with an error: nobody would be shown what comes behind it.
    if (this.sawError) return null;
    if (this.#attempt.stopped.aborted) {
      if (!closingChunks.has(chunk.type) || chunk.preliminary === true) return null;
      if (chunk.type === 'abort') {
        this.abort = chunk;
        return null;
      }
    }
    if (chunk.type === 'start') {
      this.#started = true;
      return { ...chunk, messageId };
    }
    if (!this.#started) {
      this.#started = true;
      this.#batch.push({ type: 'start', messageId });
    }
    if (chunk.type !== 'error') return chunk;
    this.sawError = true;
    this.#error = chunk;
    this.#pace.over();
    this.#flush();
    return null;
  }

  get #isWaiting(): boolean {
    return !this.#batch.empty || this.#error !== null;
  }

  #flush(): void {
    if (this.#flushing === null && this.#isWaiting && this.#goesOn)
      this.#flushing = this.#writeAll();
  }

  /** All in one function: each async one within would make as much for a chunk as half of what else does. */
  async #writeAll(): Promise<void> {
    const { run, attempt } = this.#attempt.execution;
    const { limits } = this.#attempt.core;
    while (this.#isWaiting && this.#goesOn) {
      await this.#pace.due(this.#batch.canWait);
      if (this.#batch.empty) await this.#fail();
      const mayBeLarge = this.#batch.size > limits.inlineBytes;
      const taken = this.#batch.take();
      const c = mayBeLarge || taken.some(isAmbiguous) ? await this.#keep(taken) : taken;
      if (!c) continue;
      try {
        this.#note(await this.#attempt.writer.write({ k: 'chunks', run, attempt, c }));
      } catch (error) {
        this.#refused = this.#refusalOf(error, c);
      }
    }
    this.#flushing = null;
  }

  /** Puts the agent's error behind what ends all that it leaves open (HF-RUN-6), as the log has that by now. */
  async #fail(): Promise<void> {
    const ends = await cutOffEnding(this.#attempt, 'failed');
    for (const chunk of ends) this.#batch.push(chunk);
    if (this.#error) this.#batch.push(this.#error);
    this.#error = null;
  }

  #note(outcome: WriteOutcome): void {
    if (outcome === 'fenced') this.#attempt.lose();
    if (outcome === 'full')
      this.#refused = tellUsers(
        new HoldfastError(
          'full',
          'unable to log more of this session: it has reached its size limit; start a new session, or raise `limits.sessionBytes` or `limits.sessionEntries`',
        ),
        'The answer ended early: this chat is full. Start a new one.',
      );
  }

  #refusalOf(error: unknown, chunks: readonly Chunk[]): HoldfastError {
    if (!HoldfastError.is(error))
      return new HoldfastError('internal', 'unable to log a chunk: it is no JSON', {
        cause: error,
      });
    return error.code === 'too_large' ? chunkTooLarge(chunks, this.#attempt.core.limits) : error;
  }

  /** Puts references in the place of what is large; null where that cannot be kept. */
  async #keep(chunks: readonly Chunk[]): Promise<readonly Chunk[] | null> {
    const { core, execution } = this.#attempt;
    // Behind the agent's own error, which has to be told, nothing is waited for in vain.
    const keep = this.sawError && this.#error === null ? keepLast : keepChunks;
    try {
      return await keep(core, execution.session, chunks, core.limits.retryForMs);
    } catch (error) {
      this.#refused = HoldfastError.is(error)
        ? notKept(chunks, error, core)
        : new HoldfastError('internal', 'unable to keep a chunk: it is no JSON', { cause: error });
      return null;
    }
  }

  async #flushed(): Promise<void> {
    this.#pace.over();
    this.#flush();
    await this.#flushing;
  }
}
