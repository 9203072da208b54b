import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { decodeServerFrame, defaultLimits, type Entry, formatPosition } from '@holdfast/protocol';
import { vi } from 'vitest';
import { type Agent, createHoldfast, type Holdfast, type OnLost } from '../../src/index.ts';
import { gatedAgent } from './gated-agent.ts';
import { type Link, linkTo } from './link.ts';
import { userMessage } from './server.ts';
import { Shown } from './shown.ts';
import { saidBy } from './talk.ts';

/** What one attempt of a run says, and has said. */
export interface Saying {
  readonly run: string;
  /** What its words begin with, unlike those of any other. */
  readonly name: string;
  readonly by: Process;
  /** What its agent was given: ids and words. */
  readonly prompt: readonly string[];
  /** What its steps gave it, by their names. */
  readonly given: Map<string, string>;
  said: string;
  isDone: boolean;
  say(): void;
  step(name: string): void;
  finish(): void;
}

export interface Process {
  readonly holdfast: Holdfast;
  readonly agent: Agent;
  readonly link: Link;
}

export interface Client {
  readonly shown: Shown;
  /** Null when it has to come back. */
  at: Process | null;
  leave(): void;
  follow(process: Process): void;
}

const session = 's';
const limits = {
  leaseMs: 900,
  graceMs: 250,
  pollMs: 300,
  tailMs: 4_000,
  lingerMs: 0,
  pageMessages: 200,
};
/** How often all that can happen at once is waited for. */
const turns = 8;

/** Processes that share a session, with a clock that stands still until it is moved. */
export class World {
  readonly processes: Process[] = [];
  readonly clients: Client[] = [];
  readonly sayings: Saying[] = [];
  /** Every entry that the log ever had. */
  readonly entries: Entry[] = [];
  /** Messages whose senders were told that they were taken. */
  readonly taken: string[] = [];
  /** Steps that were done although the log had them, or the run had ended. */
  readonly repeated: string[] = [];
  readonly #onLost: OnLost;
  readonly #log: SessionLog = createMemoryLog();
  #sent = 0;

  constructor(onLost: OnLost) {
    this.#onLost = onLost;
  }

  async begin(): Promise<void> {
    await this.#log.subscribe(session, (delivery) => {
      if (delivery.kind === 'entry' && delivery.body !== null)
        this.entries.push(JSON.parse(delivery.body) as Entry);
    });
  }

  /** A fresh process that has the agent. */
  spawn(): Process {
    const link = linkTo(this.#log);
    const holdfast = createHoldfast({
      log: link.log,
      authorize: () => ({ id: 'u' }),
      onLost: this.#onLost,
      limits: { ...defaultLimits, ...limits },
      onError: () => {},
    });
    const agent: Agent = (context) => {
      const { agent: gated, emit, end } = gatedAgent();
      const { runId: run } = context;
      const saying: Saying = {
        run,
        name: `${this.sayings.length}:`,
        by: process,
        prompt: context.messages.map(({ id, parts }) => saidBy({ id, parts })),
        given: new Map(),
        said: '',
        isDone: false,
        say: () => {
          if (saying.isDone) return;
          const delta = `${saying.name}${saying.said.length} `;
          saying.said += delta;
          emit({ type: 'text-delta', id: 't', delta });
        },
        step: (name) => {
          const own = this.entries.filter((entry) => 'run' in entry && entry.run === run);
          const isEnded = own.some(({ k }) => k === 'run-end');
          const isKnown = own.some((entry) => entry.k === 'step' && entry.name === name);
          const { state, changes } = link;
          const act = () => {
            // Whoever is cut off between the question and the act cannot know better.
            if ((isEnded || isKnown) && state === 'up' && link.changes === changes)
              this.repeated.push(`${run} ${name}`);
            return saying.name;
          };
          context.step(name, act).then(
            (gave) => saying.given.set(name, gave),
            () => {},
          );
        },
        finish: () => {
          if (saying.isDone) return;
          saying.isDone = true;
          emit({ type: 'text-end', id: 't' }, { type: 'finish' });
          end();
        },
      };
      this.sayings.push(saying);
      emit({ type: 'start' }, { type: 'text-start', id: 't' });
      return gated(context);
    };
    const process: Process = { holdfast, agent, link };
    holdfast.register({ agent, it: agent });
    this.processes.push(process);
    return process;
  }

  join(process: Process): Client {
    const client: Client = {
      shown: new Shown(),
      at: null,
      leave: () => {},
      follow: (to) => follow(client, to),
    };
    this.clients.push(client);
    client.follow(process);
    return client;
  }

  /** Whoever has lost its gateway goes to that one. */
  return(process: Process): void {
    for (const client of this.clients)
      if (client.at === null || client.at.link.state === 'dead') client.follow(process);
  }

  run({ holdfast, agent }: Process): void {
    void holdfast
      .session(session)
      .run({ agent: 'it' }, agent)
      .catch(() => {});
  }

  send(process: Process): void {
    const id = `m${this.#sent++}`;
    const message = userMessage(id, id);
    const body = { id: session, command: id, trigger: 'submit-message', message };
    void this.#post(process, [], body).then(({ ok }) => {
      if (ok) this.taken.push(id);
    });
  }

  stop(process: Process, run: string): void {
    void this.#post(process, [session, 'cancel'], { run });
  }

  /** Whether another attempt has begun since this one spoke. */
  isStale({ run, name }: Saying): boolean {
    const attempts = this.entries.flatMap((entry) =>
      entry.k === 'run-start' && entry.run === run ? [entry.attempt] : [],
    );
    const own = this.entries.find(
      (entry): entry is Extract<Entry, { k: 'chunks' }> =>
        entry.k === 'chunks' && entry.c.some(({ delta }) => String(delta).startsWith(name)),
    );
    return own !== undefined && own.attempt < Math.max(...attempts);
  }

  /** As long as it takes everybody to look at the log so often. */
  async wait(polls: number): Promise<void> {
    await this.#pass(polls * limits.pollMs);
  }

  /** Until everybody's lease has run out who does not renew it, and others have noticed. */
  async lapse(): Promise<void> {
    await this.#pass(limits.leaseMs + limits.graceMs + limits.pollMs);
  }

  async settle(): Promise<void> {
    for (let left = turns; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
  }

  async liveRuns(): Promise<readonly string[]> {
    return ((await this.#log.head(session))?.runs ?? []).map(({ run }) => run);
  }

  async #pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    await this.settle();
  }

  #post({ holdfast, agent }: Process, path: readonly string[], body: object): Promise<Response> {
    const url = `http://test/api/chat/${path.join('/')}`;
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return holdfast.handle(new Request(url, init), { agent, path });
  }
}

/** A socket without a network. */
function follow(client: Client, to: Process): void {
  const { shown } = client;
  client.leave();
  client.at = to;
  let say = (_: string | null) => {};
  let hangUp = () => {};
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    client.at = null;
  };
  client.leave = () => {
    close();
    hangUp();
  };
  const receive = (text: string) => {
    const frame = decodeServerFrame(text);
    if (!isOpen || to.link.state === 'dead' || !frame) return;
    // It cannot be followed there.
    if (frame.t === 'res' && 'err' in frame) return client.leave();
    shown.receive(frame);
    if (frame.t === 'entry')
      queueMicrotask(() => say(JSON.stringify({ t: 'ack', s: session, i: frame.i })));
  };
  to.holdfast.accept(
    {
      protocol: 'holdfast.v1',
      bufferedAmount: 0,
      send: (given) => {
        const texts = typeof given === 'string' || given instanceof Uint8Array ? [given] : given;
        for (const text of texts) receive(typeof text === 'string' ? text : `${Buffer.from(text)}`);
      },
      close,
      onMessage: (listener) => {
        say = listener;
      },
      onClose: (listener) => {
        hangUp = listener;
      },
    },
    new Request('http://test/holdfast'),
  );
  const pos = shown.position ? { pos: formatPosition(shown.position) } : {};
  say(JSON.stringify({ t: 'hello', v: 1 }));
  say(JSON.stringify({ t: 'sub', r: 1, s: session, ...pos }));
}
