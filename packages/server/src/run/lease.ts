import type { SessionLog } from '@holdfast/log';
import type { Limits } from '@holdfast/protocol';

export interface LeaseOptions {
  readonly log: SessionLog;
  readonly session: string;
  readonly run: string;
  readonly attempt: number;
  readonly limits: Pick<Limits, 'leaseMs'>;
  readonly onCancelled: () => void;
  readonly onLost: () => void;
}

export interface Lease {
  /** Renews it now, because the answer also tells of a stop. */
  look(): void;
  release(): void;
}

/**
 * Renews a run's lease three times in its life (HF-RUN-5). A renewal that fails is left to the next
 * one: only the log's word ends the run, never a lost connection.
 */
export function keepLease(options: LeaseOptions): Lease {
  const { log, session, run, attempt, limits } = options;
  let pending = false;
  const renew = () => {
    // A stalled log must not pile up renewals.
    if (pending) return;
    pending = true;
    log
      .renew(session, { run, attempt, leaseMs: limits.leaseMs })
      .then((outcome) => {
        if (outcome.kind === 'held') {
          if (outcome.cancelled) options.onCancelled();
        } else if (outcome.kind !== 'unknown') options.onLost();
      })
      .catch(() => {})
      .finally(() => {
        pending = false;
      });
  };
  const timer = setInterval(renew, limits.leaseMs / 3);
  return { look: renew, release: () => clearInterval(timer) };
}
