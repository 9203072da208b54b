import type { ClaimCommand, ClaimOutcome } from '../contract/claims.ts';
import { maxClaims } from '../limits.ts';

interface Claim {
  readonly holder: string;
  readonly until: number;
}

/** Count of other sessions that are looked at for claims that are over when one is taken. */
const sweepCount = 4;

/** Claims: who may do what only one may do, and until when. */
export class Claims {
  readonly #sessions = new Map<string, Map<string, Claim>>();

  take(session: string, { name, holder, leaseMs }: ClaimCommand, now: number): ClaimOutcome {
    const claims = this.#sessions.get(session) ?? new Map<string, Claim>();
    const claim = claims.get(name);
    if (claim && claim.holder !== holder && claim.until > now)
      return { kind: 'taken', leftMs: Math.max(1, Math.ceil(claim.until - now)) };
    claims.delete(name);
    if (leaseMs > 0) {
      if (claims.size >= maxClaims) prune(claims, now);
      if (claims.size >= maxClaims) return { kind: 'full' };
      claims.set(name, { holder, until: now + leaseMs });
      this.#sessions.set(session, claims);
    }
    this.#sweep(now);
    return { kind: 'held' };
  }

  /** Of a session that is deleted. */
  drop(session: string): void {
    this.#sessions.delete(session);
  }

  clear(): void {
    this.#sessions.clear();
  }

  /** Moves the oldest sessions to the end or drops them, so that all are looked at in turn. */
  #sweep(now: number): void {
    let left = sweepCount;
    for (const [session, claims] of this.#sessions) {
      if (left-- === 0) return;
      this.#sessions.delete(session);
      prune(claims, now);
      if (claims.size > 0) this.#sessions.set(session, claims);
    }
  }
}

function prune(claims: Map<string, Claim>, now: number): void {
  for (const [name, { until }] of claims) if (until <= now) claims.delete(name);
}
