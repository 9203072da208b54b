import { HoldfastError, isRecord, type Limits, type Presence, parseJson } from '@holdfast/protocol';
import { type Present, Roster } from './roster.ts';

export type PresenceLimits = Pick<
  Limits,
  'presenceMs' | 'awayMs' | 'typingMs' | 'presenceMembers' | 'presenceInfoBytes'
>;

export interface PresenceOptions {
  /** Tells this hub from those of other processes. */
  readonly id: string;
  readonly limits: PresenceLimits;
  readonly now: () => number;
  /** Hands a text to the hubs of this session everywhere; may be lost. */
  readonly signal: (text: string) => void;
  /** Told once of an info that is too large. */
  readonly report?: (error: unknown) => void;
}

/** The announcement of another hub about the participants on its sockets. */
interface Announced {
  /** Until when each counts as there. */
  readonly members: Map<string, number>;
  /** Before this time none of them is gone. */
  until: number;
}

type Said = Presence['state'] | 'away';

interface Local {
  readonly participant: Omit<Presence, 'state'>;
  state: Presence['state'];
  /** When `state` was said. */
  at: number;
  /** Said too soon after that; taken up by the next tick. */
  next: Said | null;
}

/** The time in which one change of a participant's state is passed on (HF-PRES-4). */
const quietMs = 1_000;
/** With more participants here, followers are told of all changes of a second at once. */
const crowd = 20;
/** Bytes of a list in one signal: it has room for the rest of the text, and for an encryption. */
const pageBytes = 9_000;

/**
 * The participants of a session, on this hub's sockets and on those of others (section 7). Hubs tell each other
 * by signals, which are kept nowhere: what has changed at once, and all of it now and then; who is not
 * told of again is forgotten. Costs nothing while nobody says that they are there.
 */
export class SessionPresence {
  readonly #options: PresenceOptions;
  readonly #locals = new Map<object, Local>();
  /** Members of `locals` that the next ticks have to look at. */
  readonly #restless = new Set<object>();
  readonly #others = new Map<string, Announced>();
  readonly #listeners = new Set<(who: readonly Presence[]) => void>();
  /** Participants on this hub's sockets, and on all. */
  readonly #own: Roster;
  readonly #all: Roster;
  /** The participants that other hubs were told of, by id. */
  #told: ReadonlyMap<string, Presence> = new Map();
  #toldAllAt = Number.NEGATIVE_INFINITY;
  #toldAt = Number.NEGATIVE_INFINITY;
  #heard: Present;
  /** Infos by whether they are small enough. */
  readonly #infos = new WeakMap<object, boolean>();
  #asked = false;
  #reported = false;

  constructor(options: PresenceOptions) {
    const { presenceMembers } = options.limits;
    this.#options = options;
    this.#own = new Roster(presenceMembers);
    this.#all = new Roster(presenceMembers);
    this.#heard = this.#all.present;
  }

  /** The participants that followers were last told of; the same object until that changes. */
  get present(): Present {
    return this.#heard;
  }

  /** Each participant once, in the order of their ids; at most `presenceMembers` (HF-PRES-5). */
  get who(): readonly Presence[] {
    return this.#heard.who;
  }

  listen(listener: (who: readonly Presence[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A follower came: asks the other hubs who is on theirs. */
  greet(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#say({ ask: true });
  }

  /** `key` stands for one subscription. */
  set(key: object, participant: Omit<Presence, 'state'>, said: Said): void {
    const now = this.#options.now();
    const local = this.#locals.get(key);
    if (local && local.state === said) {
      local.at = now;
      local.next = null;
    } else if (local && now - local.at < quietMs) {
      local.next = said;
      this.#restless.add(key);
    } else {
      this.#put(key, this.#shown(participant), said, now);
      this.#changed();
    }
  }

  leave(key: object): void {
    if (!this.#locals.has(key)) return;
    this.#remove(key);
    this.#changed();
  }

  receive(text: string): void {
    const parsed = parseJson(text, 32);
    if (!parsed.ok || !isRecord(parsed.value)) return;
    const { hub, ask, who, gone } = parsed.value;
    if (typeof hub !== 'string' || hub === this.#options.id) return;
    if (ask === true && this.#own.count > 0) this.#tellAll();
    const there = Array.isArray(who) ? who.filter(isPresence) : [];
    const left = Array.isArray(gone) ? gone : [];
    if (there.length + left.length === 0) return;
    const until = this.#options.now() + this.#options.limits.awayMs;
    const announced = this.#others.get(hub) ?? { members: new Map(), until };
    for (const presence of there) {
      announced.members.set(presence.id, until);
      this.#all.set(`${hub} ${presence.id}`, presence);
    }
    for (const id of left) {
      announced.members.delete(id);
      this.#all.delete(`${hub} ${id}`);
    }
    if (announced.members.size > 0) this.#others.set(hub, announced);
    else this.#others.delete(hub);
    this.#update();
  }

  /** Called about once a second by whoever has the hub. */
  tick(now: number): void {
    const isEmpty = this.#own.count + this.#all.count + this.#told.size === 0;
    if (isEmpty && this.#heard.count === 0) return;
    this.#calm(now);
    this.#forget(now);
    const isDue = this.#own.count > 0 && now - this.#toldAllAt >= this.#options.limits.presenceMs;
    if (isDue) this.#tellAll();
    else this.#tellChanges();
    this.#notify();
  }

  close(): void {
    for (const key of [...this.#locals.keys()]) this.#remove(key);
    this.#tellChanges();
    this.#listeners.clear();
  }

  /** Takes up what was said too soon, and lets who typed fall back (HF-PRES-3). */
  #calm(now: number): void {
    for (const key of this.#restless) {
      const local = this.#locals.get(key);
      if (!local) this.#restless.delete(key);
      else {
        const isOver = now - local.at >= this.#options.limits.typingMs;
        const said = local.next ?? (local.state === 'typing' && isOver ? 'here' : null);
        if (said && now - local.at >= quietMs) this.#put(key, local.participant, said, now);
        else if (!said && local.state !== 'typing') this.#restless.delete(key);
      }
    }
  }

  /** Drops participants of hubs that fell silent, or that are not told of any more. */
  #forget(now: number): void {
    for (const [hub, announced] of this.#others) {
      if (now < announced.until) continue;
      announced.until = Number.POSITIVE_INFINITY;
      for (const [id, until] of announced.members) {
        if (now < until) announced.until = Math.min(announced.until, until);
        else {
          announced.members.delete(id);
          this.#all.delete(`${hub} ${id}`);
        }
      }
      if (announced.members.size === 0) this.#others.delete(hub);
    }
  }

  #put(key: object, participant: Omit<Presence, 'state'>, state: Said, at: number): void {
    if (state === 'away') {
      this.#remove(key);
      return;
    }
    this.#locals.set(key, { participant, state, at, next: null });
    if (state === 'typing') this.#restless.add(key);
    const presence = { ...participant, state };
    this.#own.set(key, presence);
    this.#all.set(key, presence);
  }

  #remove(key: object): void {
    this.#locals.delete(key);
    this.#restless.delete(key);
    this.#own.delete(key);
    this.#all.delete(key);
  }

  /** Without an info that would be too much for a list of many (HF-PRES-6). */
  #shown(participant: Omit<Presence, 'state'>): Omit<Presence, 'state'> {
    const { info, ...rest } = participant;
    if (info === undefined) return participant;
    const { presenceInfoBytes: most } = this.#options.limits;
    const fits = this.#infos.get(info) ?? sizeOf(info) <= most;
    this.#infos.set(info, fits);
    if (fits) return participant;
    if (!this.#reported)
      this.#options.report?.(
        new HoldfastError(
          'too_large',
          `unable to show the info of a participant: it is over ${most} bytes of JSON; put an address there in the place of what it leads to`,
        ),
      );
    this.#reported = true;
    return rest;
  }

  #changed(): void {
    this.#update();
    // A change that comes too soon is told by the next tick.
    if (this.#options.now() - this.#toldAt >= quietMs) this.#tellChanges();
  }

  /** In a crowd somebody always comes or goes: each change would be told to all of it. */
  #update(): void {
    if (this.#locals.size <= crowd) this.#notify();
  }

  #notify(): void {
    const { present } = this.#all;
    if (present === this.#heard) return;
    this.#heard = present;
    for (const listener of [...this.#listeners]) listener(present.who);
  }

  #tellAll(): void {
    const { who } = this.#own.present;
    this.#toldAllAt = this.#options.now();
    this.#tell(who, this.#goneFrom(who));
  }

  #tellChanges(): void {
    const { who } = this.#own.present;
    const changed = who.filter((presence) => this.#told.get(presence.id) !== presence);
    const gone = this.#goneFrom(who);
    if (changed.length + gone.length > 0) this.#tell(changed, gone);
  }

  #goneFrom(who: readonly Presence[]): readonly string[] {
    const ids = new Set(who.map(({ id }) => id));
    return [...this.#told.keys()].filter((id) => !ids.has(id));
  }

  #tell(who: readonly Presence[], gone: readonly string[]): void {
    this.#toldAt = this.#options.now();
    this.#told = new Map(this.#own.present.who.map((presence) => [presence.id, presence]));
    for (const page of pagesOf(gone)) this.#say({ gone: page });
    for (const page of pagesOf(who)) this.#say({ who: page });
  }

  #say(words: {
    readonly ask?: true;
    readonly who?: readonly Presence[];
    readonly gone?: readonly string[];
  }): void {
    this.#options.signal(JSON.stringify({ hub: this.#options.id, ...words }));
  }
}

/** Lists that fit into a signal each: one that is too large would be lost whole. */
function pagesOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const pages: T[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = sizeOf(item) + 1;
    if (bytes > room) {
      pages.push([]);
      room = pageBytes;
    }
    pages.at(-1)?.push(item);
    room -= bytes;
  }
  return pages;
}

/** Infinite for what is no JSON. */
function sizeOf(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value) ?? '');
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

const isPresence = (value: unknown): value is Presence =>
  isRecord(value) &&
  typeof value.id === 'string' &&
  typeof value.role === 'string' &&
  (value.state === 'here' || value.state === 'typing');
