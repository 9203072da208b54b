import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Limits } from '@holdfast/protocol';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { forkSource } from '@holdfast/testkit/fork-source';
import type { Mode, ProcessFault } from './schedule.ts';

export type Role = 'route' | 'gateway' | 'worker';

/** Where a process finds what it shares with others, and how it is configured. */
export interface Place {
  readonly redis: string;
  readonly prefix: string;
  /** The Redis of BullMQ. */
  readonly jobs: string;
  readonly mode: Mode;
  readonly onLost: 'retry' | 'fail';
  readonly gatherMs: number;
  readonly limits: Limits;
}

export interface Prompt {
  readonly session: string;
  readonly run: string;
  /** What the attempt's words begin with. */
  readonly name: string;
  readonly given: readonly string[];
}

/** What a process tells. */
export type Told =
  | { readonly kind: 'ready'; readonly origin: string }
  | ({ readonly kind: 'prompt' } & Prompt)
  /** It got no processor for so long that it missed a renewal of its leases. */
  | { readonly kind: 'starved' }
  | { readonly kind: 'fault'; readonly text: string };

export interface Hears {
  /** Lets a connection to Redis go on, as far as Redis itself is there. */
  healed(toRedis: FaultProxy): Promise<void>;
  prompt(prompt: Prompt, by: Life): void;
  fault(text: string): void;
}

/** One process from its start to its end. */
export interface Life {
  readonly child: ChildProcess;
  /** Where it listens; empty for workers. */
  origin: string;
  /** Whether it was killed, paused, cut off by itself, or starved by others: its runs may be taken from it. */
  isTouched: boolean;
  state: 'starting' | 'up' | 'paused' | 'draining' | 'dead';
}

interface Surroundings {
  readonly place: Place;
  readonly hears: Hears;
}

/** A route, a gateway or a worker with its own way to Redis, which comes back when it ends. */
export class Actor {
  readonly name: string;
  readonly role: Role;
  readonly toRedis: FaultProxy;
  readonly #place: Place;
  readonly #hears: Hears;
  /** All processes that it ever was. */
  readonly lives: Life[] = [];

  private constructor(name: string, role: Role, proxy: FaultProxy, { place, hears }: Surroundings) {
    this.name = name;
    this.role = role;
    this.toRedis = proxy;
    this.#place = { ...place, redis: `redis://127.0.0.1:${proxy.port}` };
    this.#hears = hears;
  }

  /** Resolves when it serves. `port` is that of Redis. */
  static async start(
    name: string,
    role: Role,
    { port, ...around }: Surroundings & { readonly port: number },
  ): Promise<Actor> {
    const actor = new Actor(name, role, await FaultProxy.start({ port }), around);
    await actor.spawn();
    return actor;
  }

  get #life(): Life | undefined {
    return this.lives.at(-1);
  }

  /** Where it listens now; null while it does not. */
  get origin(): string | null {
    return this.#life?.state === 'up' ? this.#life.origin : null;
  }

  /** Does that to it for so long, and then helps it up again. */
  async suffer(fault: ProcessFault, ms: number): Promise<void> {
    const life = this.#life;
    if (life?.state !== 'up') return;
    life.isTouched = true;
    if (fault === 'kill' || fault === 'drain') {
      life.state = fault === 'kill' ? 'dead' : 'draining';
      await this.#end(life, fault === 'kill' ? 'SIGKILL' : 'SIGTERM');
      await away(ms);
      await this.spawn();
    } else if (fault === 'pause') {
      life.state = 'paused';
      life.child.kill('SIGSTOP');
      await away(ms);
      life.child.kill('SIGCONT');
      if (life.state === 'paused') life.state = 'up';
    } else if (fault === 'cut') this.toRedis.reset();
    else {
      if (fault === 'refuse') await this.toRedis.refuse();
      else this.toRedis.blackhole();
      await away(ms);
      await this.#hears.healed(this.toRedis);
    }
  }

  async spawn(): Promise<void> {
    const file = new URL('./actor-process.ts', import.meta.url);
    const child = forkSource(file, [this.role, JSON.stringify(this.#place)]);
    const life: Life = { child, origin: '', isTouched: false, state: 'starting' };
    this.lives.push(life);
    const ready = Promise.withResolvers<void>();
    child.on('message', (told: Told) => {
      if (told.kind === 'fault') this.#hears.fault(`${this.name}: ${told.text}`);
      else if (told.kind === 'prompt') this.#hears.prompt(told, life);
      else if (told.kind === 'starved') this.#starve(life);
      else {
        life.origin = told.origin;
        if (life.state === 'starting') life.state = 'up';
        ready.resolve();
      }
    });
    child.once('exit', (code, signal) => {
      if (life.state === 'up' || life.state === 'starting')
        this.#hears.fault(`${this.name} ended by itself: code ${code}, signal ${signal}`);
      life.state = 'dead';
      ready.resolve();
    });
    await ready.promise;
  }

  /** With leases as short as these a busy machine does what no schedule has (docs/guarantees.md). */
  #starve(life: Life): void {
    if (!life.isTouched) this.#hears.fault(`${this.name} got no processor for a third of a lease`);
    life.isTouched = true;
  }

  /** Ends it in good order; false when it did not within the time that `close` has. */
  async close(): Promise<boolean> {
    const life = this.#life;
    if (!life || life.state === 'dead') return true;
    life.state = 'draining';
    return await this.#end(life, 'SIGTERM');
  }

  async dispose(): Promise<void> {
    this.#life?.child.kill('SIGKILL');
    await this.toRedis[Symbol.asyncDispose]();
  }

  async #end({ child }: Life, signal: 'SIGKILL' | 'SIGTERM'): Promise<boolean> {
    if (child.exitCode !== null || child.signalCode !== null) return true;
    const exited = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), closeMs);
    await exited;
    clearTimeout(timer);
    return child.signalCode === null || signal === 'SIGKILL';
  }
}

/** Longer than anything that `close` waits for. */
const closeMs = 40_000;

export const away = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
