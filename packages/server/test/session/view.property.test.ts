import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import { type Chunk, type Entry, type Message, type RunInfo, seqOf } from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
import type {} from '@holdfast/testkit/redis-global-setup';
import fc from 'fast-check';
import { afterAll, expect, inject, it } from 'vitest';
import { entryOf } from '../../src/session/entry-of.ts';
import { isShown, messageOf } from '../../src/session/fold-message.ts';
import { SessionView } from '../../src/session/view.ts';

const limits = { pageMessages: 3, openMessages: 4 };

/** One thing that happens to a session; numbers choose among what there is at that moment. */
type Act =
  | { readonly kind: 'say' | 'call' | 'answer' | 'steer' | 'end' | 'look' }
  | { readonly kind: 'write'; readonly words: string }
  | { readonly kind: 'edit' | 'consume'; readonly at: number }
  | { readonly kind: 'store'; readonly by: number }
  | { readonly kind: 'trim'; readonly keep: number };

const plain = (kind: 'say' | 'call' | 'answer' | 'steer' | 'end' | 'look') => fc.constant({ kind });
const acts = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: plain('say') },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        words: fc.constantFrom('a ', 'bb ', ''),
      }),
    },
    { weight: 2, arbitrary: plain('call') },
    { weight: 3, arbitrary: plain('answer') },
    { weight: 3, arbitrary: plain('steer') },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('consume' as const), at: fc.nat(3) }),
    },
    { weight: 4, arbitrary: plain('end') },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), at: fc.nat(12) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('store' as const), by: fc.nat(1) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('trim' as const), keep: fc.nat(6) }) },
    { weight: 3, arbitrary: plain('look') },
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
);

interface Live {
  readonly run: string;
  readonly messageId: string;
  seq: number;
  parts: number;
  readonly calls: string[];
}

/** A session under random acts, beside the replay of every entry that it ever had. */
class Story {
  readonly #log: SessionLog;
  readonly #session: string;
  readonly #replayed = new SessionProjection();
  readonly #views: readonly SessionView[];
  readonly #live: Live[] = [];
  /** Messages that wait for an answer. */
  readonly #waiting: Live[] = [];
  #count = 0;
  #read = '0-0';
  readonly #entries: { readonly id: string; readonly body: string }[] = [];

  constructor(log: SessionLog, session: string) {
    this.#log = log;
    this.#session = session;
    this.#views = [0, 1].map(() => new SessionView(session, log, limits));
  }

  async do(act: Act): Promise<void> {
    switch (act.kind) {
      case 'say':
        return this.#start([this.#userMessage()]);
      case 'edit': {
        const ids = [...this.#replayed.items].map(({ id }) => id);
        if (ids.length === 0) return;
        // Also the first message can be edited: then nothing stays.
        const after = ids[act.at % (ids.length + 1)] ?? null;
        const kept = new Set(ids.slice(0, ids.indexOf(after ?? '') + 1));
        for (const list of [this.#live, this.#waiting])
          for (const each of [...list])
            if (!kept.has(each.messageId)) list.splice(list.indexOf(each), 1);
        return this.#start([{ k: 'truncate', after, at: 0 }, this.#userMessage()]);
      }
      case 'answer': {
        const waiting = this.#waiting.shift();
        if (!waiting) return;
        // As the server does: a message that was settled or cut off takes no answer.
        const view = new SessionView(this.#session, this.#log, limits);
        await view.readOn();
        if (view.projection.item(waiting.messageId)?.kind !== 'assistant') return;
        const chunks = waiting.calls.map(
          (toolCallId): Chunk => ({ type: 'tool-output-available', toolCallId, output: 1 }),
        );
        const { messageId } = waiting;
        return this.#start([{ k: 'answer', messageId, chunks, at: 0 }], messageId);
      }
      case 'write':
        return this.#append((live) => {
          const id = `t${live.parts++}`;
          return [
            { type: 'text-start', id },
            { type: 'text-delta', id, delta: act.words },
            { type: 'text-end', id },
          ];
        });
      case 'call':
        return this.#append((live) => {
          const toolCallId = `c${this.#count++}`;
          live.calls.push(toolCallId);
          return [{ type: 'tool-input-available', toolCallId, toolName: 'ask', input: {} }];
        });
      case 'steer':
        return this.#steer();
      case 'consume':
        return this.#append((live) => {
          const id = `s${this.#count - act.at}`;
          return [{ type: 'data-steering', id, data: { of: live.run } }];
        });
      case 'end':
        return this.#end();
      case 'store':
        return this.#store(this.#views[act.by]);
      case 'trim':
        return this.#trim(act.keep);
      case 'look':
        return this.#look();
    }
  }

  async end(): Promise<void> {
    await this.#look();
    while (this.#live.length > 0) await this.#end();
    await this.#store(this.#views[0]);
    await this.#trim(0);
    await this.#look();
  }

  #userMessage(): Entry {
    const id = `u${this.#count++}`;
    return {
      k: 'message',
      message: { id, role: 'user', parts: [{ type: 'text', text: id }] },
      at: 0,
    };
  }

  async #start(entries: readonly Entry[], continues?: string): Promise<void> {
    const run = `r${this.#count++}`;
    const messageId = continues ?? `a${this.#count++}`;
    const goesOn = continues === undefined ? {} : { continues: true as const };
    const started = { run, attempt: 1, agent: 'a', messageId, command: run, ...goesOn, at: 0 };
    const all: Entry[] = [...entries, { k: 'run-start', ...started }];
    await this.#log.send(this.#session, {
      command: run,
      entries: all.map((entry) => ({ nonce: 7, body: JSON.stringify(entry) })),
      run: { run, info: '{}', leaseMs: 600_000, stopped: { nonce: 7, body: '{}' } },
    });
    const live: Live = { run, messageId, seq: 1, parts: this.#count * 100, calls: [] };
    this.#live.push(live);
    await this.#append(() => [{ type: 'start', messageId }], live);
  }

  async #steer(): Promise<void> {
    const run = this.#live[0]?.run;
    if (run === undefined) return;
    const message = { id: `s${++this.#count}`, role: 'user', parts: [] };
    const body = JSON.stringify({ k: 'steer', run, message, at: 0 } satisfies Entry);
    await this.#log.send(this.#session, {
      command: message.id,
      entries: [{ nonce: 7, body }],
      if: { runLive: run },
    });
  }

  async #append(write: (live: Live) => Chunk[], to = this.#live[0]): Promise<void> {
    if (!to) return;
    const c = write(to);
    await this.#write(to, { k: 'chunks', run: to.run, attempt: 1, c });
  }

  async #end(): Promise<void> {
    const live = this.#live.shift();
    if (!live) return;
    const outcome = 'finished' as const;
    await this.#write(live, { k: 'run-end', run: live.run, attempt: 1, outcome, at: 0 }, outcome);
    if (live.calls.length > 0) this.#waiting.push(live);
  }

  async #write(live: Live, entry: Entry, outcome?: 'finished'): Promise<void> {
    const { kind } = await this.#log.append(this.#session, {
      run: live.run,
      attempt: 1,
      seq: live.seq++,
      entry: { nonce: 7, body: JSON.stringify(entry) },
      ...(outcome ? { end: { outcome } } : {}),
    });
    expect(kind).toBe('appended');
  }

  async #store(view: SessionView | undefined): Promise<void> {
    if (!view) return;
    await view.readOn();
    const draft = await view.draft();
    if (!draft) return;
    await this.#replay();
    const outcome = await this.#log.checkpoint(this.#session, { ...draft.command, trim: null });
    if (outcome === 'done') draft.done();
    else view.reset();
    // The other process goes on by entries, which are still there, or begins anew.
    expect(['done', 'stale']).toContain(outcome);
  }

  async #trim(keep: number): Promise<void> {
    await this.#replay();
    const view = new SessionView(this.#session, this.#log, limits);
    await view.readOn();
    const last = seqOf(view.base.checkpoint) - keep;
    if (last < 1) return;
    await this.#log.checkpoint(this.#session, {
      epoch: view.position.epoch,
      from: view.base.checkpoint,
      through: view.base.checkpoint,
      ...view.base.stored,
      changes: [],
      trim: `${last}-7`,
    });
  }

  /** Takes up every entry before it can be dropped. */
  async #replay(): Promise<void> {
    const epoch = (await this.#log.head(this.#session))?.epoch;
    if (epoch === undefined) return;
    const id = this.#read;
    const read = await this.#log.read(this.#session, { after: { epoch, id }, limit: 10_000 });
    if (read.kind !== 'entries') throw new Error(`the replay was ${read.kind}`);
    for (const entry of read.entries) {
      this.#read = entry.id;
      this.#entries.push(entry);
      const parsed = entryOf(entry.body);
      if (parsed) this.#replayed.apply(parsed);
    }
  }

  async #look(): Promise<void> {
    await this.#replay();
    const expected: Message[] = [];
    for (const item of this.#replayed.items) expected.push(await messageOf(item));
    const fresh = new SessionView(this.#session, this.#log, limits);
    for (const view of [fresh, ...this.#views]) {
      await view.readOn();
      expect(view.end).toBe(expected.length);
      const written = await view.messages(0, view.end);
      const messages = written.map(({ message }) => message);
      expect(messages.filter(isShown)).toEqual(expected.filter(isShown));
      // HF-ENT-10: read from entries, stored, and read from what is stored.
      expect(written.map(({ by }) => by)).toEqual([...this.#replayed.items].map(({ by }) => by));
      const live = (runs: readonly RunInfo[]) =>
        runs
          .map(({ run, steers = [] }) => [run, ...steers.map(({ id, state }) => `${id} ${state}`)])
          .sort();
      const known = new Set(expected.map(({ id }) => id));
      const alive = this.#replayed.liveRuns.filter(({ messageId }) => known.has(messageId));
      expect(live(view.projection.liveRuns.filter((run) => known.has(run.messageId)))).toEqual(
        live(alive),
      );
    }
  }
}

const redis = createRedisLog({ redis: inject('redisUrl'), prefix: `t${crypto.randomUUID()}` });
const memory = createMemoryLog();
afterAll(() => redis.close());

it.each([
  ['memory', memory, 150],
  ['Redis', redis, 40],
] as const)(
  'HF-SUB-8, HF-LOG-18, HF-LOG-19: what is stored with what follows is what all entries amount to, in %s',
  async (_, log, runs) => {
    await fc.assert(
      fc.asyncProperty(acts, async (list) => {
        const story = new Story(log, `s-${crypto.randomUUID()}`);
        for (const act of list) await story.do(act);
        await story.end();
      }),
      { numRuns: runs },
    );
  },
  120_000,
);
