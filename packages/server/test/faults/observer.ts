import { createFeeds, type Feeds, type SessionLog, type StoredEntry } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import { type Entry, origin, type Position } from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { entryOf } from '../../src/session/entry-of.ts';
import { isShown, messageOf } from '../../src/session/fold-message.ts';
import { saidBy } from '../support/talk.ts';
import { away } from './actor.ts';

const tries = 50;
const againMs = 200;

/** An entry with its place. */
export interface Placed {
  readonly id: string;
  readonly prev: string;
  readonly entry: Entry;
}

/** What is shown at an entry: what each message says, and which of them a live run still writes. */
export interface ShownThen {
  readonly said: readonly string[];
  readonly growing: ReadonlySet<string>;
}

/** Sees the log past the faults of others, and remembers also what a failover took away. */
export class Observer {
  readonly network: FaultProxy;
  readonly log: SessionLog;
  readonly #feeds: Feeds;
  readonly #watched = new Set<string>();
  /** Every entry that there ever was, by session and id. */
  readonly #met = new Map<string, Map<string, Placed>>();

  private constructor(network: FaultProxy, prefix: string) {
    this.network = network;
    const redis = `redis://127.0.0.1:${network.port}`;
    this.log = createRedisLog({ redis, prefix, onWarning: () => {} });
    this.#feeds = createFeeds(this.log, { limits: { pollMs: 100 } });
  }

  static async start(port: number, prefix: string): Promise<Observer> {
    return new Observer(await FaultProxy.start({ port }), prefix);
  }

  async watch(session: string): Promise<void> {
    this.#watched.add(session);
    const { feed } = await this.#repeat(() => this.#feeds.acquire(session));
    const note = (entries: readonly StoredEntry[]) => this.#note(session, entries);
    feed.listen({ entries: note, reset: () => {}, deleted: () => {}, signal: () => {} });
  }

  /** Resolves when it has seen all that its sessions have now. */
  async catchUp(): Promise<void> {
    for (const session of this.#watched) await this.read(session);
  }

  /** The whole log as it is now. */
  async read(session: string): Promise<readonly Placed[]> {
    const all: StoredEntry[] = [];
    for (let after: Position | null = null; ; ) {
      const read = await this.#repeat(() => this.log.read(session, { after, limit: 500 }));
      if (read.kind !== 'entries') {
        if (all.length === 0) return [];
        throw new Error(`the log cannot be read: ${JSON.stringify(read)}`);
      }
      all.push(...read.entries);
      const last = read.entries.at(-1);
      if (!last || last.id === read.top) break;
      after = { epoch: read.epoch, id: last.id };
    }
    this.#note(session, all);
    return all.flatMap((stored) => placed(stored));
  }

  /** Entries that a run began with, lost ones too. */
  startsOf(session: string, run: string): readonly Placed[] {
    return [...(this.#met.get(session)?.values() ?? [])].filter(
      ({ entry }) => entry.k === 'run-start' && entry.run === run,
    );
  }

  /** Whether it was seen to end, though a failover may have taken that away. */
  hasMetEnd(session: string, run: string): boolean {
    const met = [...(this.#met.get(session)?.values() ?? [])];
    return met.some(
      ({ entry }) => entry.k === 'run-end' && entry.run === run && isWell(entry.outcome),
    );
  }

  /** What was shown when that entry had come; null where what is before it was not seen. */
  async shownAt(session: string, id: string): Promise<ShownThen | null> {
    const met = this.#met.get(session);
    const chain: Entry[] = [];
    for (let at = id; at !== origin; ) {
      const found = met?.get(at);
      if (!found) return null;
      chain.unshift(found.entry);
      at = found.prev;
    }
    const projection = new SessionProjection();
    for (const entry of chain) projection.apply(entry);
    const messages = await Promise.all([...projection.items].map(messageOf));
    return {
      said: messages.filter(isShown).map((message) => saidBy(message as never)),
      growing: new Set(projection.liveRuns.map(({ messageId }) => messageId)),
    };
  }

  async close(): Promise<void> {
    await this.#feeds.close();
    await this.log.close();
    await this.network[Symbol.asyncDispose]();
  }

  /** Its own connection may find out late that it was cut. */
  async #repeat<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (let left = tries; ; left--)
      try {
        return await ask();
      } catch (error) {
        if (left === 0) throw error;
        await away(againMs);
      }
  }

  #note(session: string, entries: readonly StoredEntry[]): void {
    const met = this.#met.get(session) ?? new Map<string, Placed>();
    this.#met.set(session, met);
    for (const stored of entries) for (const each of placed(stored)) met.set(each.id, each);
  }
}

const isWell = (outcome: string): boolean => outcome === 'finished' || outcome === 'stopped';

function placed({ id, prev, body }: StoredEntry): readonly Placed[] {
  const entry = entryOf(body);
  return entry ? [{ id, prev, entry }] : [];
}
