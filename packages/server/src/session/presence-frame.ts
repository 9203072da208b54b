import { encodeFrame } from '@holdfast/protocol';
import type { Present } from './roster.ts';

/** The participants of a session, encoded once for all who are told. */
export class PresenceFrame {
  readonly #session: string;
  #known: { readonly present: Present; readonly frame: Buffer } | null = null;

  constructor(session: string) {
    this.#session = session;
  }

  of(present: Present): Buffer {
    if (this.#known?.present === present) return this.#known.frame;
    const { who, count } = present;
    const more = count > who.length ? { count } : {};
    const frame = Buffer.from(encodeFrame({ t: 'presence', s: this.#session, who, ...more }));
    this.#known = { present, frame };
    return frame;
  }
}
