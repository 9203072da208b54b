/** A connection, as the watchdog needs it. */
export interface Line {
  readonly status: string;
  ping(): Promise<unknown>;
  disconnect(reconnect?: boolean): void;
}

/** In the words of ioredis. */
const timedOut = 'Command timed out';

export const timeoutError = (): Error => new Error(timedOut);

export const isTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message === timedOut;

/**
 * Drops connections that are silently dead (HF-LOG-33): to TCP they look like slow ones for many minutes. A
 * command that had no answer in time may have been a slow one, so each connection is asked once more, and
 * only who does not answer that either is dropped; ioredis makes a new one then, which asks Sentinels and
 * nodes anew who the master is.
 */
export class Watchdog {
  readonly #lines: () => readonly Line[];
  readonly #asked = new Set<Line>();

  constructor(lines: () => readonly Line[]) {
    this.#lines = lines;
  }

  /** To be called when a command had no answer in time. */
  suspect(): void {
    for (const line of this.#lines()) {
      // Others are being made, which has time limits of its own.
      if (line.status !== 'ready' || this.#asked.has(line)) continue;
      this.#asked.add(line);
      line
        .ping()
        .catch((error: unknown) => {
          if (isTimeout(error)) line.disconnect(true);
        })
        .finally(() => this.#asked.delete(line));
    }
  }
}
