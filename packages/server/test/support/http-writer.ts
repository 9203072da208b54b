import type { Chunk, Message } from '@holdfast/protocol';

/** The job of a run, or the command of one of the writer's own. */
export interface WriterOptions {
  readonly api: string;
  readonly session: string;
  readonly token?: string;
  readonly agent?: string;
  readonly command?: string;
  readonly job?: { readonly run: string; readonly attempt: number };
  readonly leaseMs?: number;
}

/** A writer over HTTP, in whatever language. Errors have the names of those of the Python client. */
export interface HttpWriter extends AsyncDisposable {
  begin(): Promise<Record<string, unknown>>;
  write(...chunks: readonly Chunk[]): Promise<void>;
  stopped(): Promise<boolean>;
  /** The words of what was steered to the run since the last call. */
  steered(): Promise<readonly Message[]>;
  end(outcome?: string, reason?: string, error?: string): Promise<string>;
  /** Leaves everything as it is, as a process does that dies. */
  kill(): Promise<void>;
}

export class WriterFault extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

interface Answer {
  readonly state: string;
  readonly next: number;
  readonly cancelled?: boolean;
  readonly steers?: readonly Message[];
  readonly run: string;
  readonly attempt: number;
}

/** The reference: what PROTOCOL.md asks of a writer, and no more. */
export class ReferenceWriter implements HttpWriter {
  readonly #options: WriterOptions;
  readonly #wanted: object;
  #named = {};
  #next = 1;
  #tail: { readonly seq: number; readonly chunks: readonly Chunk[] }[] = [];
  #isStopped = false;
  #steers: readonly Message[] = [];
  #pending: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
    const { command, job, leaseMs = 15_000 } = options;
    const which = job ? { run: job.run, attempt: job.attempt } : { command };
    this.#wanted = { ...which, holder: crypto.randomUUID(), leaseMs };
  }

  async begin(): Promise<Record<string, unknown>> {
    const began = this.#checked(await this.#ask('begin', this.#wanted));
    this.#named = { run: began.run, attempt: began.attempt };
    const { leaseMs = 15_000 } = this.#options;
    const renew = async () => {
      const answer = this.#checked(await this.#ask('renew', { ...this.#named, leaseMs }));
      this.#steers = answer.steers ?? [];
    };
    this.#timer = setInterval(() => void this.#turn(renew).catch(() => {}), leaseMs / 3);
    return began as never;
  }

  write(...chunks: readonly Chunk[]): Promise<void> {
    return this.#turn(async () => {
      this.#checked(await this.#askInOrder('append', { chunks }));
      this.#tail.push({ seq: this.#next, chunks });
      this.#next++;
    });
  }

  async stopped(): Promise<boolean> {
    return this.#isStopped;
  }

  async steered(): Promise<readonly Message[]> {
    const heard = this.#steers;
    this.#steers = [];
    for (const { id, parts } of heard)
      await this.write({ type: 'data-steering', id, data: { parts } });
    return heard;
  }

  end(outcome = 'finished', reason?: string, error?: string): Promise<string> {
    clearInterval(this.#timer);
    return this.#turn(async () => {
      const { state } = await this.#askInOrder('end', { outcome, reason, error });
      if (state === 'superseded') throw new WriterFault('Superseded', state);
      return state;
    });
  }

  async kill(): Promise<void> {
    clearInterval(this.#timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #turn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#pending.then(act);
    this.#pending = turn.catch(() => {});
    return turn;
  }

  async #askInOrder(verb: string, body: object): Promise<Answer> {
    for (let expected = 0; ; ) {
      const answer = await this.#ask(verb, { ...this.#named, ...body, seq: this.#next });
      if (answer.state !== 'gap') return answer;
      const lost = this.#tail.filter(({ seq }) => seq >= answer.next);
      if (answer.next <= expected || lost[0]?.seq !== answer.next)
        throw new WriterFault('Superseded', 'gap');
      expected = answer.next;
      for (const each of lost)
        this.#checked(await this.#ask('append', { ...this.#named, ...each }));
    }
  }

  #checked(answer: Answer): Answer {
    const { state, cancelled } = answer;
    if (state === 'superseded' || state === 'gap') throw new WriterFault('Superseded', state);
    if (state === 'full') throw new WriterFault('Full', state);
    if (state !== 'running') throw new WriterFault('Ended', state);
    this.#isStopped ||= cancelled === true;
    return answer;
  }

  async #ask(verb: string, body: object): Promise<Answer> {
    const { api, session, agent = 'planner', token = 'secret' } = this.#options;
    for (let delay = 20; ; delay = Math.min(2 * delay, 1_000)) {
      const response = await fetch(`${api}/${session}/${verb}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ agent, ...body }),
      }).catch(() => null);
      if (response?.ok) return (await response.json()) as Answer;
      const text = (await response?.text().catch(() => '')) ?? '';
      if (response && response.status < 500) throw new WriterFault('Refused', text);
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}
