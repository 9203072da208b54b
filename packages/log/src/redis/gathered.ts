import { isApart } from './appends.ts';
import type { Given } from './writer.ts';

/** One question of a session, as a script takes it, and who waits for the reply. */
interface Asked {
  /** The key by which the script finds the session's others. */
  readonly key: string;
  /** The others, where a cluster has to know them. */
  readonly others: readonly string[];
  readonly args: readonly Given[];
  resolve(reply: unknown): void;
  reject(error: unknown): void;
}

/** Questions of one command: the server does nothing else meanwhile. */
const most = 100;

type Run = (keys: readonly string[], args: readonly Given[]) => Promise<unknown>;

/**
 * What is asked of many sessions in one turn of the event loop, in one command. Its script replies with a list, in
 * the order of its keys.
 */
export class Gathered {
  readonly #run: Run;
  /** `apart`: each goes by itself, since a cluster has sessions in several places. */
  #way: 'together' | 'apart';
  #waiting: Asked[] = [];

  constructor(run: Run, way: 'together' | 'apart') {
    this.#run = run;
    this.#way = way;
  }

  /** Resolves with the script's reply for this key. Rejects as the command does. */
  ask(key: string, args: readonly Given[] = [], others: readonly string[] = []): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const asked: Asked = { key, others, args, resolve, reject };
      if (this.#way === 'apart') this.#send([asked]);
      else if (this.#waiting.push(asked) === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < waiting.length; at += most) this.#send(waiting.slice(at, at + most));
  }

  #send(asked: readonly Asked[]): void {
    const isAlone = this.#way === 'apart';
    const keys = asked.flatMap(({ key, others }) => (isAlone ? [key, ...others] : [key]));
    this.#run(
      keys,
      asked.flatMap(({ args }) => args),
    ).then(
      (replies) => {
        for (const [at, { resolve }] of asked.entries())
          resolve((replies as readonly unknown[])[at]);
      },
      (error: unknown) => {
        if (asked.length > 1 && isApart(error)) {
          // Nothing was done then.
          this.#way = 'apart';
          for (const each of asked) this.#send([each]);
        } else for (const { reject } of asked) reject(error);
      },
    );
  }
}
