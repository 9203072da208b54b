import type { SessionLog } from '@holdfast/log';
import type { Limits } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { LeaseBeats } from './lease-beats.ts';
import { noticeOf } from './noticed.ts';

export interface LeaseOptions {
  readonly log: SessionLog;
  readonly session: string;
  readonly run: string;
  readonly attempt: number;
  readonly limits: Pick<Limits, 'leaseMs' | 'retryForMs'>;
  readonly environment: Environment;
  readonly onCancelled: () => void;
  readonly onLost: () => void;
  /** It is the run of an engine, which outlives the process (HF-RUN-20). */
  readonly isEngines?: boolean;
}

export interface Lease {
  /** Renews it now, because the answer also tells of a stop. */
  look(): void;
  release(): void;
  /** Renews it no more, and gives the run up, so that others need not wait for it (HF-LOG-25). Rejects with the log's error. */
  giveUp(): Promise<void>;
}

/**
 * Renews a run's lease three times in its life (HF-RUN-12), and again until the log has it (HF-RUN-13): only
 * the log's word ends the run, never a lost connection. Where it may have run out meanwhile, and the run been found
 * lost, that is taken back: the next time it is waited for anew (HF-RUN-15).
 */
export function keepLease(options: LeaseOptions, beats: LeaseBeats = new LeaseBeats()): Lease {
  const { log, session, run, attempt, limits, environment } = options;
  let state: 'held' | 'renewing' | 'again' | 'released' = 'held';
  const isReleased = () => state === 'released';
  const dismiss = () => log.claim(session, { ...noticeOf(run, attempt + 1), leaseMs: 0 });
  /** When the renewal that the log took last was asked for. */
  let renewedAt = environment.now();
  const ask = async () => {
    if (isReleased()) return null;
    const askedAt = environment.now();
    const outcome = await log.renew(session, { run, attempt, leaseMs: limits.leaseMs });
    if (outcome.kind !== 'held') return outcome;
    const wasLate = environment.now() - renewedAt > limits.leaseMs;
    renewedAt = askedAt;
    if (wasLate) void retryUnavailable(dismiss, limits.retryForMs, environment).catch(() => {});
    return outcome;
  };
  const renew = () => {
    // A stalled log must not pile up renewals.
    if (state !== 'held') return;
    state = 'renewing';
    retryUnavailable(ask, limits.retryForMs, environment)
      .then((outcome) => {
        if (outcome === null || isReleased()) return;
        if (outcome.kind === 'held') {
          if (outcome.cancelled) options.onCancelled();
        } else if (outcome.kind !== 'unknown') options.onLost();
      })
      .catch(() => {})
      .finally(() => {
        const isAgain = state === 'again';
        if (!isReleased()) state = 'held';
        if (isAgain) renew();
      });
  };
  const look = () => {
    // The answer that comes may be from before what is looked for.
    if (state === 'renewing') state = 'again';
    else renew();
  };
  const stop = beats.join(environment, limits.leaseMs / 3, renew);
  const release = () => {
    state = 'released';
    stop();
  };
  return {
    look,
    release,
    giveUp: async () => {
      release();
      await log.renew(session, { run, attempt, leaseMs: 0 });
    },
  };
}
