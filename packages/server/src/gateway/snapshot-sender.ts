import type { SessionSnapshot } from '../session/snapshot.ts';
import type { Outlet } from './outlet.ts';
import { snapshotFrames } from './snapshot-frames.ts';

interface SentListener {
  /** Told of the bytes of each frame. */
  onSent(bytes: number): void;
}

/** Sends one snapshot of a session as fast as the network takes it (HF-FLOW-7). */
export class SnapshotSender {
  #frames: Iterator<string>;
  readonly #outlet: Outlet;
  readonly #listener: SentListener;

  constructor(session: string, snapshot: SessionSnapshot, outlet: Outlet, listener: SentListener) {
    this.#frames = snapshotFrames(session, snapshot);
    this.#outlet = outlet;
    this.#listener = listener;
  }

  /** Sends no more, also where it is sending. */
  drop(): void {
    this.#frames = [].values();
  }

  /** Sends what is left. Null when that was all, and itself when the network takes no more for now. */
  goOn(): this | null {
    while (!this.#outlet.isCongested) {
      const next = this.#frames.next();
      if (next.done) return null;
      const text = Buffer.from(next.value);
      this.#outlet.send(text);
      this.#listener.onSent(text.length);
    }
    return this;
  }
}
