import type { ClaimCommand, ClaimOutcome } from '../session-log.ts';

interface Claim {
  readonly holder: string;
  readonly until: number;
}

/** How many other claims are looked at for expiry when one is taken. */
const sweepCount = 4;

/** Who may do what only one may do, and until when. */
export class Claims {
  readonly #claims = new Map<string, Claim>();

  take(session: string, { name, holder, leaseMs }: ClaimCommand, now: number): ClaimOutcome {
    const key = `${session} ${name}`;
    const claim = this.#claims.get(key);
    if (claim && claim.holder !== holder && claim.until > now)
      return { kind: 'taken', leftMs: Math.max(1, Math.ceil(claim.until - now)) };
    this.#claims.delete(key);
    this.#sweep(now);
    if (leaseMs > 0) this.#claims.set(key, { holder, until: now + leaseMs });
    return { kind: 'held' };
  }

  clear(): void {
    this.#claims.clear();
  }

  /** Moves the oldest claims to the end or drops them, so that all are looked at in turn. */
  #sweep(now: number): void {
    let left = sweepCount;
    for (const [key, claim] of this.#claims) {
      if (left-- === 0) return;
      this.#claims.delete(key);
      if (claim.until > now) this.#claims.set(key, claim);
    }
  }
}
