import type { AppendCommand, AppendOutcome } from '@holdfast/log';

/** The newest entries of an attempt that this process wrote, to be written again when a failover has lost them (HF-LOG-4). */
export class RunTail {
  readonly #append: (written: AppendCommand) => Promise<AppendOutcome>;
  readonly #mostBytes: number;
  /** Oldest first. */
  #entries: AppendCommand[] = [];
  #bytes = 0;

  /** Keeps `mostBytes` of bodies, and the last entry in any case. */
  constructor(append: (written: AppendCommand) => Promise<AppendOutcome>, mostBytes: number) {
    this.#append = append;
    this.#mostBytes = mostBytes;
  }

  /** Bytes of what it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  get last(): AppendCommand | undefined {
    return this.#entries.at(-1);
  }

  push(written: AppendCommand): void {
    this.#entries.push(written);
    this.#bytes += written.entry.body.length;
    while (this.#bytes > this.#mostBytes && this.#entries.length > 1)
      this.#bytes -= this.#entries.shift()?.entry.body.length ?? 0;
  }

  /** Sends what was written from `seq` on again; false when that is no longer held. */
  async again(seq: number): Promise<boolean> {
    const lost = this.#entries.filter((written) => written.seq >= seq);
    if (lost[0]?.seq !== seq) return false;
    for (const written of lost) {
      const { kind } = await this.#append(written);
      if (kind !== 'appended' && kind !== 'duplicate') return false;
    }
    return true;
  }

  /**
   * Writes again what the log has lost of a run that has ended, and says whether there was any. Nothing, where
   * it has lost the run as a whole, or ended it otherwise.
   */
  async mend(): Promise<boolean> {
    if (!this.last) return false;
    const outcome = await this.#append(this.last);
    if (outcome.kind === 'gap') return await this.again(outcome.expected);
    return outcome.kind === 'appended';
  }
}
