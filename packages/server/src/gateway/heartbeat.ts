import type { Limits } from '@holdfast/protocol';

/** Tells from a client's silence whether it is still there (HF-LIVE-1). */
export class Heartbeat {
  readonly #limits: Pick<Limits, 'heartbeatMs' | 'pongTimeoutMs'>;
  #heardAt: number;
  #askedAt = 0;

  constructor(limits: Pick<Limits, 'heartbeatMs' | 'pongTimeoutMs'>, now: number) {
    this.#limits = limits;
    this.#heardAt = now;
  }

  heard(now: number): void {
    this.#heardAt = now;
  }

  /** `ask` once for each silence; `gone` when nothing came of it in time. */
  look(now: number): 'well' | 'ask' | 'gone' {
    const { heartbeatMs, pongTimeoutMs } = this.#limits;
    const silent = now - this.#heardAt;
    if (silent >= heartbeatMs + pongTimeoutMs) return 'gone';
    if (silent < heartbeatMs || this.#askedAt > this.#heardAt) return 'well';
    this.#askedAt = now;
    return 'ask';
  }
}
