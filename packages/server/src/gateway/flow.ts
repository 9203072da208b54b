import { instruments } from '../telemetry/metrics.ts';

/**
 * `pumping` sends what is there; `again` means that more came meanwhile; `blocked` waits for an
 * acknowledgement or for the network, and keeps nothing (HF-FLOW-2).
 */
type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'pumping' | 'again' }
  | { readonly kind: 'blocked'; readonly since: number }
  | { readonly kind: 'closed' };

// One of each for all flows: there is a flow for each session that a page follows.
const idle: State = { kind: 'idle' };
const pumping: State = { kind: 'pumping' };
const again: State = { kind: 'again' };
const closed: State = { kind: 'closed' };

/** Whose flow it is. */
export interface FlowHost {
  now(): number;
  /** True while the receiver takes more. */
  mayFlow(): boolean;
  /** Sends what there is without waiting for anything; false when that is not all. */
  sendAtHand(): boolean;
  /** Sends what there is, wherever it has to be had from, as far as it may flow. */
  send(): Promise<void>;
  /** All was sent. */
  onIdle(): void;
  onFault(error: unknown): void;
}

/** Sends when there is something, one thing after another, and no faster than it is taken. */
export class Flow {
  readonly #host: FlowHost;
  /** Nothing flows before it was started. */
  #state: State = pumping;

  constructor(host: FlowHost) {
    this.#host = host;
  }

  get isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  /** Sends `first` and then what there is. Rejects as `first` does. */
  async start(first: () => Promise<void>): Promise<void> {
    await first();
    await this.#run();
  }

  /** Waits until something is taken. */
  block(): void {
    instruments()?.blocked.add(1);
    this.#state = { kind: 'blocked', since: this.#host.now() };
  }

  /** There is more to send. */
  pump(): void {
    switch (this.#state.kind) {
      case 'idle':
        this.#state = pumping;
        // Sending now what is at hand, not a tick later, keeps the path of a chunk short.
        if (this.#host.sendAtHand()) this.#settle();
        else void this.#run();
        break;
      case 'pumping':
        this.#state = again;
    }
  }

  /** Goes on if it was blocked and need not be any more. */
  retry(): void {
    if (this.#state.kind !== 'blocked' || !this.#host.mayFlow()) return;
    this.#state = idle;
    this.pump();
  }

  /** The time since when it has been blocked; null when it is not. */
  get blockedSince(): number | null {
    return this.#state.kind === 'blocked' ? this.#state.since : null;
  }

  close(): void {
    this.#state = closed;
  }

  async #run(): Promise<void> {
    try {
      do {
        if (this.#state.kind === 'again') this.#state = pumping;
        await this.#host.send();
      } while (this.#state.kind === 'again' && this.#host.mayFlow());
      this.#settle();
    } catch (error) {
      if (!this.isClosed) this.#host.onFault(error);
    }
  }

  #settle(): void {
    if (this.#state.kind !== 'pumping' && this.#state.kind !== 'again') return;
    if (this.#host.mayFlow()) {
      this.#state = idle;
      this.#host.onIdle();
    } else this.block();
  }
}
