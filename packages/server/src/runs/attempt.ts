import { AsyncResource } from 'node:async_hooks';
import type { HoldfastError } from '@holdfast/protocol';
import { conflict } from '../conflict.ts';
import type { Core } from '../core.ts';
import type { SessionHub } from '../session/hub.ts';
import { noteFirstWrite } from '../telemetry/metrics.ts';
import type { Execution } from './execution.ts';
import type { Lease } from './lease.ts';
import { watchRun } from './watch-run.ts';
import { RunWriter } from './writer.ts';

/** An attempt of a run in this process: it writes, keeps the lease, and hears of stops. */
export class Attempt {
  readonly core: Core;
  readonly hub: SessionHub;
  readonly execution: Execution;
  readonly writer: RunWriter;
  readonly #stopped = new AbortController();
  readonly #lost = new AbortController();
  readonly #lease: Lease;
  readonly #unwatch: () => void;
  readonly #begunAt: number;
  #stoppedAt: number | null = null;
  /** Once: it may be closed twice. */
  #keep: () => void;

  constructor(core: Core, hub: SessionHub, execution: Execution) {
    this.core = core;
    this.hub = hub;
    this.execution = execution;
    // The agent hears of it where it runs, not in the context of who stopped it (HF-RUN-26).
    const onCancelled = AsyncResource.bind(() => this.stop());
    const onLost = AsyncResource.bind(() => this.lose());
    const { log, environment, aftermath, checkpointer } = core;
    const { session, run, attempt, restart, engineLeaseMs, durability } = execution;
    const limits = { ...core.limits, leaseMs: engineLeaseMs ?? core.limits.leaseMs };
    const own = { log, session, run, attempt, limits, environment, onCancelled, onLost };
    this.#keep = () => aftermath.keep({ hub, run, tail: this.writer.tail, forMs: limits.leaseMs });
    this.#begunAt = environment.now();
    // A later attempt writes its start first, which says nothing.
    let silent = execution.start ? 1 : 0;
    const onWritten = (bytes: number) => {
      checkpointer.wrote(session, bytes);
      if (silent-- === 0) noteFirstWrite(this.age, execution.agentName);
    };
    this.writer = new RunWriter({ ...own, restart, onWritten, durability });
    this.#lease = core.attempts.enter({ ...own, isEngines: engineLeaseMs !== undefined });
    this.#unwatch = watchRun(hub, { ...own, look: this.#lease.look });
  }

  /** Fires when the run is stopped. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Fires when the run is not this attempt's any more. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Time since it began, in ms. */
  get age(): number {
    return this.core.environment.now() - this.#begunAt;
  }

  /** Time since it was stopped, in ms; null where it was not. */
  get stoppedForMs(): number | null {
    return this.#stoppedAt === null ? null : this.core.environment.now() - this.#stoppedAt;
  }

  stop(): void {
    this.#stoppedAt ??= this.core.environment.now();
    this.#stopped.abort(new DOMException('The run was stopped.', 'AbortError'));
  }

  lose(): void {
    this.#lost.abort();
  }

  fencedError(): HoldfastError {
    return conflict(
      'lost',
      `go on writing run ${this.execution.run}: it was taken over, has ended, is left to others because this process closes, or the log stayed away too long`,
    );
  }

  /** A model that still works for it is stopped: it would cost money for nothing. */
  close(): void {
    this.stop();
    this.#unwatch();
    this.#lease.release();
    if (this.writer.hasEnded) this.#keep();
    this.#keep = () => {};
  }
}
