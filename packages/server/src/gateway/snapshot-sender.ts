import type { SessionSnapshot } from '../session/snapshot.ts';
import type { Outlet } from './outlet.ts';
import { snapshotFrames } from './snapshot-frames.ts';

interface SentListener {
  /** Told of the bytes of each frame. */
  onSent(bytes: number): void;
}

/** Sends a snapshot of a session as fast as the network takes it (HF-FLOW-7). */
export class SnapshotSender {
  readonly #session: string;
  readonly #outlet: Outlet;
  readonly #listener: SentListener;
  #rest: Iterator<string> | null = null;

  constructor(session: string, outlet: Outlet, listener: SentListener) {
    this.#session = session;
    this.#outlet = outlet;
    this.#listener = listener;
  }

  /** True while something is left of the one that was begun last. */
  get isUnderWay(): boolean {
    return this.#rest !== null;
  }

  begin(snapshot: SessionSnapshot): void {
    this.#rest = snapshotFrames(this.#session, snapshot);
  }

  drop(): void {
    this.#rest = null;
  }

  /** Sends what is left; false when the network takes no more for now. */
  goOn(): boolean {
    while (this.#rest) {
      if (this.#outlet.isCongested) return false;
      const next = this.#rest.next();
      if (next.done) this.#rest = null;
      else {
        const text = Buffer.from(next.value);
        this.#outlet.send(text);
        this.#listener.onSent(text.length);
      }
    }
    return true;
  }
}
