import { HoldfastError } from '@holdfast/protocol';
import type { AppendCommand } from '../contract/runs.ts';
import type { Commits } from './commits.ts';
import type { Keys } from './keys.ts';
import { Renewals } from './renewals.ts';
import type { Script } from './scripts.ts';
import type { Given } from './writer.ts';

/** One append, and who waits for it. */
interface Append {
  readonly session: string;
  readonly command: AppendCommand;
  /** It renews the lease of its run; known when it is sent. */
  renews: boolean;
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

/** What else there is, as the script takes it: whether to renew the lease for most. */
const moreOf = ({ end, entry: { behind } }: AppendCommand, renews: boolean): string => {
  if (end || behind) return `${end?.outcome ?? ''} ${behind?.epoch ?? ''} ${behind?.id ?? ''}`;
  return renews ? '' : '-';
};

interface AppendsOptions {
  readonly commits: Commits;
  readonly script: Script;
  readonly keys: Keys;
  /** `apart`: each goes by itself, since a cluster has sessions in several places. */
  readonly way: 'together' | 'apart';
  /** The script's `quiet_ms`. */
  readonly quietMs: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
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
  readonly #keys: Keys;
  readonly #renewals: Renewals;
  readonly #now: () => number;
  #way: 'together' | 'apart';
  #waiting: Append[] = [];

  constructor({ commits, script, keys, way, quietMs, now }: AppendsOptions) {
    this.#commits = commits;
    this.#script = script;
    this.#keys = keys;
    this.#way = way;
    this.#renewals = new Renewals(quietMs);
    this.#now = now;
  }

  /** Resolves with the script's reply for it, when that is as durable as it has to be. Rejects as `Commits` does. */
  append(session: string, command: AppendCommand): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const append: Append = { session, command, renews: true, resolve, reject };
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
      const { entry, durability } = append.command;
      size += entry.body.length;
      const [first] = together;
      const isFull = together.length === maxTogether || size > maxSize;
      if (first && (isFull || first.command.durability !== durability)) {
        this.#send(together);
        together = [];
        size = entry.body.length;
      }
      together.push(append);
    }
    this.#send(together);
  }

  #send(appends: readonly Append[]): void {
    const keys: string[] = [];
    const args: Given[] = [];
    const sentAt = this.#now();
    for (const append of appends) {
      const { session, command } = append;
      const { run, attempt, seq, entry } = command;
      append.renews = this.#renewals.isDue(session, run, sentAt);
      keys.push(this.#keys.meta(session));
      if (this.#way === 'apart') {
        const { log, ended, leases, items, ids } = this.#keys.of(session);
        keys.push(log, ended, leases + run, items, ids);
      }
      args.push(run, attempt, seq, entry.nonce, entry.body);
      args.push(moreOf(command, append.renews));
    }
    this.#commits.run(this.#script, keys, args, appends[0]?.command.durability).then(
      (replies) => {
        for (let at = 0; at < appends.length; at++)
          this.#answer(appends[at], (replies as readonly unknown[])[at], sentAt);
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

  #answer(append: Append | undefined, reply: unknown, sentAt: number): void {
    if (!append) return;
    const { session, command, renews } = append;
    if (command.end) this.#renewals.forget(session, command.run);
    else if (reply === 1 && renews) this.#renewals.renewed(session, command.run, sentAt);
    append.resolve(reply);
  }
}
