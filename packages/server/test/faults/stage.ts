import {
  defaultLimits,
  type Limits,
  parsePosition,
  type QueuedResponse,
  type QueuedSend,
  type RunInfo,
  type SendResponse,
} from '@holdfast/protocol';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { carriers, userMessage } from '../support/server.ts';
import { Actor, away, type Hears, type Life, type Place, type Prompt } from './actor.ts';
import { Observer } from './observer.ts';
import type { Act, Schedule } from './schedule.ts';
import { Store } from './store.ts';
import { Viewer } from './viewer.ts';

export const sessions = ['s0', 's1', 's2'] as const;

/** So that a lease is over within the shorter faults. */
const shortLimits: Partial<Limits> = { leaseMs: 1_500, graceMs: 1_000, pollMs: 300 };
/** What is kept, and how much one participant may do, is not under test. */
const roomy: Partial<Limits> = {
  tailMs: 3_600_000,
  pageMessages: 200,
  sendsPerMinute: 1e6,
  readsPerMinute: 1e6,
  sessionsPerHour: 1e6,
  participantConnections: 1e4,
  participantRuns: 1e4,
};
const askMs = 5_000;
const againMs = 100;

/** What somebody asked, and what became of it. */
export interface Sent {
  readonly session: string;
  readonly id: string;
  readonly begun: number;
  /** When it was answered, and the command under which its run begins; null while it is repeated. */
  answered: { readonly at: number; readonly command: string } | null;
  /** Why it will not be repeated. */
  refused: string | null;
}

interface State {
  /** The last entry that it tells of; null where there is none. */
  readonly top: string | null;
  readonly queue: readonly QueuedSend[];
  readonly runs: readonly RunInfo[];
}

type Told = Omit<State, 'top'> & { readonly position: string };

/** Processes, clients and a Redis on which a schedule is played. */
export class Stage {
  readonly schedule: Schedule;
  readonly store: Store;
  readonly observer: Observer;
  readonly actors: Actor[] = [];
  readonly viewers: Viewer[] = [];
  readonly sent: Sent[] = [];
  readonly prompts: (Prompt & { readonly by: Life })[] = [];
  readonly faults: string[] = [];
  readonly begun: number = Date.now();
  readonly #jobs: RedisServer;
  #state: 'open' | 'closed' = 'open';

  private constructor(schedule: Schedule, store: Store, observer: Observer, jobs: RedisServer) {
    this.schedule = schedule;
    this.store = store;
    this.observer = observer;
    this.#jobs = jobs;
  }

  static async open(schedule: Schedule): Promise<Stage> {
    const prefix = 'faults';
    const [store, jobs] = await Promise.all([Store.start(), RedisServer.start()]);
    const observer = await Observer.start(store.port, prefix);
    store.showTo(observer);
    const stage = new Stage(schedule, store, observer, jobs);
    const { mode, onLost, isLong, gatherMs } = schedule;
    // All of them: the servers of other tests have shorter ones by default.
    const limits = { ...defaultLimits, ...(isLong ? {} : shortLimits), ...roomy };
    const place = { redis: '', prefix, jobs: jobs.url, mode, onLost, gatherMs, limits };
    try {
      await stage.#cast(place);
      for (const session of sessions) {
        await observer.watch(session);
        for (const [at, carrier] of carriers.entries())
          stage.viewers.push(await Viewer.start(session, () => stage.#gateways(at), carrier));
      }
    } catch (error) {
      await stage.dispose();
      throw error;
    }
    return stage;
  }

  /** Begins what is to happen; resolves when it is over, which may be much later. */
  async perform(act: Act): Promise<void> {
    const choose = <T>(list: readonly T[], at: number): T | undefined =>
      list[at % (list.length || 1)];
    switch (act.kind) {
      case 'send':
        return await this.#send(act);
      case 'stop':
        return await this.#stop(sessions[act.session] ?? sessions[0], act.by);
      case 'process':
        return await choose(this.actors, act.who)?.suffer(act.fault, act.ms);
      case 'clients': {
        const network = choose(this.viewers, act.who)?.network;
        network?.blackhole();
        await away(act.ms);
        network?.reset();
        return await network?.pass();
      }
      case 'redis':
        return await this.store.suffer(act.fault, act.ms);
    }
  }

  /** What a session has waiting and under way, as a route tells it; null while none does. */
  async state(session: string): Promise<State | null> {
    for (const origin of this.#origins('route')) {
      const response = await ask(`${origin}/api/chat/${session}`);
      if (response?.ok) {
        const { position, queue, runs } = (await response.json()) as Told;
        return { top: parsePosition(position)?.id ?? null, queue, runs };
      }
      if (response?.status === 404) return { top: null, queue: [], runs: [] };
    }
    return null;
  }

  async follow(session: string): Promise<Viewer> {
    const viewer = await Viewer.start(session, () => this.#gateways(0), 'socket');
    this.viewers.push(viewer);
    return viewer;
  }

  /** Ends all in good order; gives what did not. */
  async close(): Promise<readonly string[]> {
    for (const viewer of this.viewers) await viewer.close();
    const ended = await Promise.all(this.actors.map((actor) => actor.close()));
    return this.actors.filter((_, at) => !ended[at]).map(({ name }) => name);
  }

  async dispose(): Promise<void> {
    this.#state = 'closed';
    for (const viewer of this.viewers) await viewer.close();
    for (const actor of this.actors) await actor.dispose();
    await this.observer.close();
    await this.store.dispose();
    await this.#jobs[Symbol.asyncDispose]();
  }

  async #cast(place: Place): Promise<void> {
    const hears: Hears = {
      healed: (toRedis) => this.store.reach(toRedis),
      prompt: (prompt, by) => this.prompts.push({ ...prompt, by }),
      fault: (text) => this.faults.push(text),
    };
    const roles = ['route', 'route', 'gateway', 'gateway'] as const;
    const workers = place.mode === 'workers' ? (['worker', 'worker'] as const) : [];
    const { port } = this.store;
    const starts = [...roles, ...workers].map(async (role, at) => {
      const actor = await Actor.start(`${role} ${at}`, role, { port, place, hears });
      this.actors[at] = actor;
      this.store.lead(actor.toRedis);
    });
    await Promise.all(starts);
  }

  #origins(role: 'route' | 'gateway', first = 0): readonly string[] {
    const all = this.actors.filter((actor) => actor.role === role);
    const turned = [...all.slice(first % all.length), ...all.slice(0, first % all.length)];
    return turned.flatMap(({ origin }) => origin ?? []);
  }

  #gateways(first: number): readonly string[] {
    return this.#origins('gateway', first);
  }

  async #send(act: Extract<Act, { kind: 'send' }>): Promise<void> {
    const session = sessions[act.session] ?? sessions[0];
    const id = `m${this.sent.length}`;
    const begun = performance.now();
    const sent: Sent = { session, id, begun, answered: null, refused: null };
    this.sent.push(sent);
    const { words, paceMs, busy: whileBusy } = act;
    const message = userMessage(id, id);
    const trigger = 'submit-message';
    const body = { id: session, command: id, trigger, message, whileBusy, body: { words, paceMs } };
    const tries = act.twice ? [act.by, act.by + 1] : [act.by];
    await Promise.all(tries.map((by) => this.#repeat(sent, body, by)));
  }

  /** As clients do: the same command to whoever takes it, until it is answered. */
  async #repeat(sent: Sent, body: object, by: number): Promise<void> {
    for (let at = by; this.#state === 'open'; at++) {
      const [origin] = this.#origins('route', at);
      const response = origin ? await ask(`${origin}/api/chat`, body) : null;
      if (response?.ok) {
        const { command } = (await response.json()) as SendResponse | QueuedResponse;
        sent.answered ??= { at: performance.now(), command };
        return;
      }
      if (response && response.status < 500) {
        sent.refused ??= `${response.status} ${await response.text()}`;
        return;
      }
      await away(againMs);
    }
  }

  async #stop(session: string, by: number): Promise<void> {
    const running = (await this.state(session))?.runs.filter(({ state }) => state === 'running');
    const run = running?.[by % (running.length || 1)]?.run;
    const [origin] = this.#origins('route', by);
    if (run && origin) await ask(`${origin}/api/chat/${session}/cancel`, { run });
  }
}

/** Null when nobody answered. */
async function ask(url: string, body?: object): Promise<Response | null> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  try {
    const response = await fetch(url, {
      ...(body ? { ...post, body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(askMs),
    });
    // Read here, where the time limit still counts.
    const text = await response.text();
    return new Response(text, { status: response.status });
  } catch {
    return null;
  }
}
