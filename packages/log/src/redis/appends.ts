import { HoldfastError } from '@holdfast/protocol';
import type { Durability } from '../contract/durability.ts';
import type { Commits } from './commits.ts';
import type { Script } from './scripts.ts';

type Argument = string | number;

/** One append, as the script takes it, and who waits for it. */
interface Append {
  readonly keys: AppendKeys;
  readonly args: readonly Argument[];
  /** Characters of its body. */
  readonly size: number;
  readonly durability: Durability | undefined;
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

/** The keys of one append. */
interface AppendKeys {
  /** Of the session's hash. */
  readonly meta: string;
  /** The others that it may touch. */
  readonly others: () => readonly string[];
}

/** Appends of one command: the server does nothing else meanwhile. */
const maxTogether = 64;
const maxSize = 131_072;

/** What a server says, or one in front of several, that has not all sessions in one place. */
export const isApart = (error: unknown): boolean =>
  HoldfastError.is(error) &&
  error.cause instanceof Error &&
  error.cause.message.startsWith('CROSSSLOT');

/**
 * Appends of one tick, in one command: what a command costs, here and there, is most of what an append costs. Who
 * writes gathers by turns of the event loop; here nothing waits for the end of one again. Each has an outcome of its
 * own; where the command has none, it is unknown for each of them.
 */
export class Appends {
  readonly #commits: Commits;
  readonly #script: Script;
  /** `apart`: each goes by itself, since a cluster has sessions in several places. */
  #way: 'together' | 'apart';
  #waiting: Append[] = [];

  constructor(commits: Commits, script: Script, way: 'together' | 'apart') {
    this.#commits = commits;
    this.#script = script;
    this.#way = way;
  }

  /** Resolves with the script's reply for it, when that is as durable as it has to be. Rejects as `Commits` does. */
  append(
    keys: AppendKeys,
    args: readonly Argument[],
    size: number,
    durability?: Durability,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const append: Append = { keys, args, size, durability, resolve, reject };
      if (this.#way === 'apart') this.#send([append]);
      else if (this.#waiting.push(append) === 1) process.nextTick(() => this.#flush());
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    let together: Append[] = [];
    let size = 0;
    for (const append of waiting) {
      size += append.size;
      const [first] = together;
      const isFull = together.length === maxTogether || size > maxSize;
      if (first && (isFull || first.durability !== append.durability)) {
        this.#send(together);
        together = [];
        size = append.size;
      }
      together.push(append);
    }
    this.#send(together);
  }

  #send(appends: readonly Append[]): void {
    const keys: string[] = [];
    const args: Argument[] = [];
    for (const append of appends) {
      keys.push(append.keys.meta);
      if (this.#way === 'apart') keys.push(...append.keys.others());
      for (const arg of append.args) args.push(arg);
    }
    this.#commits.run(this.#script, keys, args, appends[0]?.durability).then(
      (replies) => {
        for (const [at, { resolve }] of appends.entries())
          resolve((replies as readonly unknown[])[at]);
      },
      (error: unknown) => {
        if (appends.length > 1 && isApart(error)) {
          // Nothing was done then.
          this.#way = 'apart';
          for (const append of appends) this.#send([append]);
        } else for (const append of appends) append.reject(error);
      },
    );
  }
}
