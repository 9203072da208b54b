import { HoldfastError } from '@holdfast/protocol';
import { Deadlines } from './deadlines.ts';
import { toFault } from './faults.ts';
import { Reach } from './reach.ts';
import type { Script } from './scripts.ts';
import { commandTimeoutMs } from './settings.ts';
import { isTimeout, type Line, Watchdog } from './watchdog.ts';

/** What a script is given. */
export type Given = string | number | Buffer;

/** A node, as it can be asked about itself. */
export interface Node extends Line {
  call(command: string, args: string[]): Promise<unknown>;
  info(section: string): Promise<string>;
}

/** The part of an ioredis connection that is used, to one server or to a cluster. */
export interface WriterClient {
  readonly status: string;
  readonly options: object;
  connect(): Promise<unknown>;
  disconnect(reconnect?: boolean): void;
  /** Takes lists of arguments as they are. */
  evalsha(sha: string, count: number, ...lists: (readonly Given[])[]): Promise<unknown>;
  call(command: string, args: string[]): Promise<unknown>;
  callBuffer(command: string, args: Given[]): Promise<unknown>;
  /** Of a cluster: the connections to its nodes. */
  nodes?(role?: 'master'): readonly Node[];
  /** Of a cluster: the names of the nodes that have each slot. */
  readonly slots?: readonly (readonly string[])[];
  refreshSlotsCache?(): void;
  /** Commands that travel together, and on one connection; each comes out as a pair of error and reply. */
  pipeline(commands: Given[][]): { exec(): Promise<[Error | null, unknown][] | null> };
  eval(source: string, count: number, ...lists: (readonly Given[])[]): Promise<unknown>;
  ping(): Promise<string>;
  info(section: string): Promise<string>;
  on(event: string, listener: (error: unknown) => void): unknown;
  once(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** Settings of ioredis by which each command has a timer. */
interface Timed {
  commandTimeout: number | undefined;
}

const isTimed = (options: object): options is Timed =>
  'commandTimeout' in options && options.commandTimeout !== undefined;

export const isMissingScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT');

/** The connection that scripts run on. Every failure becomes a `HoldfastError`. */
export class Writer {
  readonly #client: WriterClient;
  /** Names the server in messages. */
  readonly where: string;
  readonly #watchdog: Watchdog;
  readonly #deadlines: Deadlines;
  readonly #reach: Reach;
  #lastError: unknown = null;
  #connections = 0;
  /** Shared by all commands that wait for the same connection. */
  #rising: Promise<void> | null = null;

  constructor(client: WriterClient, where: string, now: () => number = () => performance.now()) {
    this.#client = client;
    this.where = where;
    this.#deadlines = new Deadlines({ ms: commandTimeoutMs, now });
    this.#reach = new Reach(now);
    this.#watchdog = new Watchdog(() => client.nodes?.() ?? [client]);
    client.on('error', (error) => {
      this.#lastError = error;
    });
    client.on('ready', () => {
      this.#reach.connected();
      this.#connections += 1;
    });
    client.on('close', () => this.#reach.failed());
    // Of a cluster: another node serves.
    client.on('+node', () => {
      this.#connections += 1;
    });
  }

  /** Changes when another connection may lead to another server. */
  get connections(): number {
    return this.#connections;
  }

  /** For how long this process takes no run for lost yet that has `graceMs`, in ms; 0 or less where that is over. */
  trustsInMs(graceMs: number): number {
    return this.#reach.leftMs(graceMs);
  }

  /** Sends one command; a second one only when the server did not know the script yet. */
  run(script: Script, keys: readonly string[], args: readonly Given[]): Promise<unknown> {
    return this.#run(script, (command, code) =>
      this.#timed(() => this.#client[command](code, keys.length, keys, args)),
    );
  }

  /** The same where the reply has bytes that are no text. */
  runBinary(script: Script, keys: readonly string[], args: readonly Given[]): Promise<unknown> {
    return this.#run(script, (command, code) =>
      this.#client.callBuffer(command, [code, keys.length, ...keys, ...args]),
    );
  }

  /** Runs a plain command of the client. */
  async ask<Answer>(
    act: string,
    command: (client: WriterClient) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      if (this.#client.status !== 'ready') await this.#up();
      const answer = await command(this.#client);
      this.#reach.answered();
      return answer;
    } catch (error) {
      throw this.failed(act, error);
    }
  }

  /** The nodes of a cluster that a slot is believed to be at, as one name; it is empty for a single server. */
  async nodesOf(act: string, slot: number): Promise<string> {
    return await this.ask(act, async ({ slots }) => slots?.[slot]?.join() ?? '');
  }

  /** Has a cluster look anew where its slots are. */
  relocate(): void {
    this.#client.refreshSlotsCache?.();
  }

  close(): void {
    this.#client.disconnect();
  }

  /** Waits for a connection that is being made, but not for one that has just failed. */
  async #up(): Promise<void> {
    const { status } = this.#client;
    if (status === 'end' || status === 'disconnecting')
      throw new HoldfastError('unavailable', 'unable to use the log: it was closed');
    if (status === 'close' || status === 'reconnecting') throw this.#reason('not connected');
    this.#rising ??= this.#becomesReady().finally(() => {
      this.#rising = null;
    });
    const ready = this.#rising;
    // Its rejection is that of the first attempt only; `ready` tells more.
    if (status === 'wait') this.#client.connect().catch(() => {});
    await ready;
  }

  async #run(
    { act, source, sha }: Script,
    call: (command: 'evalsha' | 'eval', code: string) => Promise<unknown>,
  ): Promise<unknown> {
    try {
      if (this.#client.status !== 'ready') await this.#up();
      let reply: unknown;
      try {
        reply = await call('evalsha', sha);
      } catch (error) {
        if (!isMissingScript(error)) throw error;
        reply = await call('eval', source);
      }
      this.#reach.answered();
      return reply;
    } catch (error) {
      throw this.failed(act, error);
    }
  }

  /** Sends a command with a time-out of this connection's one timer; a cluster's nodes keep that of ioredis. */
  #timed(send: () => Promise<unknown>): Promise<unknown> {
    const { options } = this.#client;
    if (!isTimed(options)) return send();
    const { commandTimeout } = options;
    // ioredis looks at it while it sends.
    options.commandTimeout = undefined;
    try {
      return this.#deadlines.within(send());
    } finally {
      options.commandTimeout = commandTimeout;
    }
  }

  #becomesReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => () => {
        clearTimeout(timer);
        for (const [event, listener] of listeners) this.#client.off(event, listener);
        act();
      };
      const fail = settle(() => reject(this.#reason('connection closed')));
      const listeners: readonly (readonly [string, () => void])[] = [
        ['ready', settle(resolve)],
        ['close', fail],
        ['end', fail],
      ];
      const timer = setTimeout(
        settle(() => reject(this.#reason('no connection in time'))),
        commandTimeoutMs,
      );
      for (const [event, listener] of listeners) this.#client.once(event, listener);
    });
  }

  /** The error of a failed command, after which the connection may be looked at. */
  failed(act: string, error: unknown): HoldfastError {
    if (isTimeout(error)) this.#watchdog.suspect();
    const fault = toFault(act, this.where, error);
    if (fault.code === 'unavailable') this.#reach.failed();
    return fault;
  }

  #reason(otherwise: string): unknown {
    return this.#lastError ?? new Error(otherwise);
  }
}
