import { seqOf } from '@holdfast/protocol';
import { idBehind } from '../../src/chain.ts';

export interface Written {
  readonly id: string;
  readonly body: string;
}

export interface Run {
  readonly name: string;
  readonly info: string;
  readonly kept: string;
  state: string;
  attempt: number;
  count: number;
  cancelled: boolean;
  leased: boolean;
  /** Of the attempt that it names. */
  holder?: { readonly attempt: number; readonly name: string };
  /** The body of the append that ended it, with its attempt and number. */
  end?: string;
}

export interface Sent {
  readonly before: string;
  readonly run?: Run;
  readonly digest: string | null;
}

export const sizeOf = (bodies: readonly string[]): number =>
  bodies.reduce((sum, body) => sum + body.length, 0);

/** A session from its beginning to its end: lists, searched. */
export class Incarnation {
  readonly entries: Written[] = [];
  /** How many of the entries were dropped. */
  dropped = 0;
  messages: readonly string[] = [];
  checkpoint = '0-0';
  keep = 0;
  handed = '0-0';
  /** What the newest checkpoint that had one said. */
  state = '';
  /** What a checkpoint said in `handed`. */
  told: string | null = null;
  /** The last entry of the newest command. */
  lastSent = '0-0';
  readonly runs: Run[] = [];
  readonly sent: Map<string, Sent> = new Map();
  readonly epoch: string;

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  get top(): string {
    return this.entries.at(-1)?.id ?? '0-0';
  }

  get bytes(): number {
    const live = this.runs.filter(({ state }) => state === 'running');
    return (
      sizeOf(this.messages) +
      sizeOf(this.unstored.map(({ body }) => body)) +
      sizeOf(live.map(({ kept }) => kept)) +
      this.state.length
    );
  }

  /** Messages, and entries that are not stored as such. */
  get size(): number {
    return this.messages.length + this.unstored.length;
  }

  get kept(): readonly Written[] {
    return this.entries.slice(this.dropped);
  }

  get unstored(): readonly Written[] {
    return this.entries.slice(seqOf(this.checkpoint));
  }

  get floor(): string {
    return this.entries[this.dropped - 1]?.id ?? '0-0';
  }

  write({ nonce, body }: { readonly nonce: number; readonly body: string }): void {
    this.entries.push({ id: idBehind(this.top, nonce), body });
  }
}

/** Entries with the id of the one before each. */
export const linked = ({
  entries,
}: Incarnation): readonly (Written & { readonly prev: string })[] =>
  entries.map((entry, at) => ({ ...entry, prev: entries[at - 1]?.id ?? '0-0' }));

/** What is kept of some runs. */
export const keptOf = (run: string): string => (run.endsWith('1') ? '' : `kept of ${run}`);
