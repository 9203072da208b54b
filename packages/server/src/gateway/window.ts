import { seqOf } from '@holdfast/protocol';

/** Acknowledgements are matched about this finely, in bytes, so that the window costs little memory. */
const grain = 8_192;

interface Mark {
  readonly seq: number;
  readonly sent: number;
}

/**
 * Counts what was sent to a subscription and not acknowledged (HF-FLOW-2). Snapshots count as sent
 * under the entry id that they go through.
 */
export class Window {
  readonly #limit: number;
  #sent = 0;
  #acked = 0;
  #lastSeq = 0;
  #ackedSeq = Number.NEGATIVE_INFINITY;
  /** Null while there is none: most clients owe nothing most of the time. */
  #marks: Mark[] | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get open(): boolean {
    return this.#sent - this.#acked < this.#limit;
  }

  sent(seq: number, bytes: number): void {
    this.#sent += bytes;
    // A reset may go back to an earlier entry, and a snapshot comes in parts under one id: what comes
    // under an id that was acknowledged is new all the same.
    if (seq <= this.#ackedSeq) this.#ackedSeq = seq - 1;
    this.#lastSeq = seq;
    const since = this.#sent - (this.#marks?.at(-1)?.sent ?? this.#acked);
    if (since < grain) return;
    this.#marks ??= [];
    this.#marks.push({ seq, sent: this.#sent });
  }

  /** False when it acknowledges nothing new; what was never sent counts as the last that was. */
  acked(id: string): boolean {
    const seq = Math.min(seqOf(id), this.#lastSeq);
    if (seq <= this.#ackedSeq) return false;
    this.#ackedSeq = seq;
    if (seq === this.#lastSeq) {
      this.#acked = this.#sent;
      this.#marks = null;
      return true;
    }
    const marks = this.#marks ?? [];
    const next = marks.findIndex((mark) => mark.seq > seq);
    const passed = marks.splice(0, next < 0 ? marks.length : next);
    this.#acked = passed.at(-1)?.sent ?? this.#acked;
    return true;
  }
}
