import type { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { asked, RedisReplicas } from '@holdfast/testkit/redis-replicas';
import { Redis } from 'ioredis';
import { away } from './actor.ts';
import type { RedisFault } from './schedule.ts';

/** A command that does not come back for that long. */
const blockMs = 3_000;
const askAgainMs = 20;
/** Longer than the witness takes. */
const standStillMs = 60_000;

/** Who sees what a master takes with it, by a way that no fault is on. */
interface Witness {
  readonly network: FaultProxy;
  /** Resolves when it has seen all that was written. */
  catchUp(): Promise<void>;
}

/** The Redis that all share, and its replica. Faults come one after another. */
export class Store {
  readonly #servers: RedisReplicas;
  readonly #proxies = new Set<FaultProxy>();
  /** When, by `performance.now`, what was written was lost with the master. */
  readonly lost: { readonly from: number; readonly to: number }[] = [];
  /** What it went through, by the clock on the wall. */
  readonly suffered: { readonly fault: RedisFault; readonly from: number; readonly to: number }[] =
    [];
  #network: 'pass' | 'refuse' | 'hole' = 'pass';
  #last: Promise<void> = Promise.resolve();
  #witness: Witness | null = null;

  private constructor(servers: RedisReplicas) {
    this.#servers = servers;
  }

  static async start(): Promise<Store> {
    return new Store(await RedisReplicas.start({ appendfsync: 'always' }));
  }

  get port(): number {
    return this.#servers.master.port;
  }

  /** Takes the proxy's connections to where the master is. */
  lead(proxy: FaultProxy): void {
    proxy.aim(this.port);
    this.#proxies.add(proxy);
  }

  /** Waits for the witness before a master is lost. */
  showTo(witness: Witness): void {
    witness.network.aim(this.port);
    this.#witness = witness;
  }

  /** Leaves a proxy as all are just now: a fault of one ends before that of all. */
  async reach(proxy: FaultProxy): Promise<void> {
    if (this.#network === 'pass') await proxy.pass();
    else if (this.#network === 'refuse') await proxy.refuse();
    else proxy.blackhole();
  }

  /** Resolves when it is over. */
  suffer(fault: RedisFault, ms: number): Promise<void> {
    this.#last = this.#last.then(async () => {
      const from = Date.now();
      await this.#suffer(fault, ms);
      this.suffered.push({ fault, from, to: Date.now() });
    });
    return this.#last;
  }

  /** Asks past all proxies. */
  ask(command: readonly string[]): Promise<unknown> {
    return asked(this.#servers.master, command);
  }

  async dispose(): Promise<void> {
    await this.#servers[Symbol.asyncDispose]();
  }

  async #suffer(fault: RedisFault, ms: number): Promise<void> {
    const { master } = this.#servers;
    switch (fault) {
      case 'kill':
        await master.kill();
        await away(ms);
        await master.start();
        return await this.#servers.level();
      case 'pause':
        master.pause();
        await away(ms);
        return master.resume();
      case 'refuse':
      case 'hole':
        this.#network = fault;
        for (const proxy of this.#proxies) await this.reach(proxy);
        await away(ms);
        this.#network = 'pass';
        for (const proxy of this.#proxies) await this.reach(proxy);
        return;
      case 'deafen': {
        const until = performance.now() + ms;
        while (performance.now() < until) {
          await this.ask(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
          await away(50);
        }
        return;
      }
      case 'block':
        return await this.#block(Math.min(ms, blockMs));
      case 'fail over':
        return await this.#failOver(ms);
    }
  }

  /** Everybody waits for somebody's script. */
  async #block(ms: number): Promise<void> {
    const [client, killer] = [new Redis(this.port), new Redis(this.port)];
    for (const each of [client, killer]) {
      each.on('error', () => {});
      await each.config('SET', 'busy-reply-threshold', '100');
    }
    let state: 'running' | 'over' = 'running';
    const endless = client.eval('while true do end', 0).catch(() => {
      state = 'over';
    });
    await away(ms);
    // It may not have begun.
    while (state === 'running') {
      await killer.script('KILL').catch(() => {});
      await away(askAgainMs);
    }
    await endless;
    for (const each of [client, killer]) each.disconnect();
  }

  async #failOver(ms: number): Promise<void> {
    // What was written before this moment the replica has when it is cut off, however busy the machine is.
    const from = performance.now();
    await this.#servers.level();
    await this.#servers.detach();
    await away(Math.min(ms, 1_000));
    // What is done from now on nobody is told of, and what was the witness has seen. Before, so that its script is known.
    await this.#witness?.catchUp();
    await this.ask(['CLIENT', 'PAUSE', String(standStillMs), 'WRITE']);
    await this.#witness?.catchUp();
    await this.#servers.failOver();
    this.lost.push({ from, to: performance.now() });
    for (const proxy of [...this.#proxies, ...(this.#witness ? [this.#witness.network] : [])]) {
      proxy.aim(this.port);
      proxy.reset();
    }
    await this.#servers.rejoin();
  }
}
