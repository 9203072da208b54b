import { inCleanContext } from '../clean-context.ts';
import type { Report } from '../contract/options.ts';
import type { Environment } from '../environment.ts';
import type { SessionHub } from '../session/hub.ts';
import type { RunTail } from './tail.ts';

export interface AftermathOptions {
  readonly environment: Pick<Environment, 'after'>;
  readonly report: Report;
  /** The end of a run in that session was written again. */
  readonly onMended: (session: string) => void;
}

export interface EndedRun {
  readonly hub: SessionHub;
  readonly run: string;
  /** Its last entry is the run's end. */
  readonly tail: Pick<RunTail, 'bytes' | 'mend'>;
  /** How long that is kept, in ms. */
  readonly forMs: number;
}

/** Bytes that are kept at most; the oldest go first. */
const mostBytes = 33_554_432;

interface Kept {
  readonly bytes: number;
  drop(): void;
}

/**
 * Keeps what was written last of runs that have ended, for a lease. Clients show such a run as finished, but a
 * failover may have lost its end, and nobody else would have it: the run would be live again, and then `lost`. It is
 * looked at when the log turns out not to be what was delivered, and once more when its time is over (HF-RUN-11).
 */
export class Aftermath {
  readonly #options: AftermathOptions;
  readonly #kept = new Set<Kept>();
  #bytes = 0;
  #state: 'open' | 'closed' = 'open';

  constructor(options: AftermathOptions) {
    this.#options = options;
  }

  keep({ hub, run, tail, forMs }: EndedRun): void {
    if (this.#state === 'closed') return;
    const { environment, report, onMended } = this.#options;
    const { session } = hub;
    const look = () => {
      tail.mend().then(
        (mended) => {
          if (mended && this.#state === 'open') onMended(session);
        },
        (error: unknown) => report(error, { session, run }),
      );
    };
    const kept: Kept = {
      bytes: tail.bytes,
      drop: () => {
        if (!this.#kept.delete(kept)) return;
        this.#bytes -= kept.bytes;
        cancel();
        unlisten();
      },
    };
    const unlisten = hub.listen({ advanced: () => {}, reset: look, deleted: kept.drop });
    const cancel = inCleanContext(() =>
      environment.after(forMs, () => {
        kept.drop();
        look();
      }),
    );
    this.#kept.add(kept);
    this.#bytes += kept.bytes;
    for (const oldest of this.#kept) {
      if (this.#bytes <= mostBytes) break;
      oldest.drop();
    }
  }

  close(): void {
    this.#state = 'closed';
    for (const kept of this.#kept) kept.drop();
  }
}
