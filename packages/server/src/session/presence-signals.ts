import { isRecord, type Presence, type PresenceFrame, parseJson } from '@holdfast/protocol';
import { jsonBytes } from './json-bytes.ts';
import type { Roster } from './roster.ts';

/** Bytes of a list in one signal: it has room for the rest of the text, and for an encryption. */
const pageBytes = 9_000;
const maxDepth = 32;

/** The words of the hub of another process. */
export interface PresenceSignal {
  readonly kind: 'announced';
  readonly hub: string;
  /** True when it asks who is there. */
  readonly isAsking: boolean;
  readonly who: readonly Presence[];
  /** Ids of those who are not there any more. */
  readonly gone: readonly unknown[];
}

/** A request that speaks for a connection, wherever that is. */
export interface SaidSignal {
  readonly kind: 'said';
  readonly conn: string;
  /** Id of the participant whose request it is. */
  readonly by: string;
  readonly state: PresenceFrame['state'];
}

export const isSaid = (state: unknown): state is PresenceFrame['state'] =>
  state === 'here' || state === 'typing' || state === 'away';

export const saidText = ({ conn, by, state }: Omit<SaidSignal, 'kind'>): string =>
  JSON.stringify({ conn, by, state });

/** Asks the other hubs who is on their sockets. */
export const askText = (hub: string): string => JSON.stringify({ hub, ask: true });

/** Null for what is none. */
export function readSignal(text: string): PresenceSignal | SaidSignal | null {
  const parsed = parseJson(text, maxDepth);
  if (!parsed.ok || !isRecord(parsed.value)) return null;
  const { hub, ask, who, gone, conn, by, state } = parsed.value;
  if (typeof conn === 'string' && typeof by === 'string' && isSaid(state))
    return { kind: 'said', conn, by, state };
  if (typeof hub !== 'string') return null;
  return {
    kind: 'announced',
    hub,
    isAsking: ask === true,
    who: Array.isArray(who) ? who.filter(isPresence) : [],
    gone: Array.isArray(gone) ? gone : [],
  };
}

export interface AnnouncerOptions {
  /** Tells this hub from those of other processes. */
  readonly id: string;
  readonly now: () => number;
  /** Hands a text to the hubs of this session everywhere; may be lost. */
  readonly signal: (text: string) => void;
}

/** Tells the hubs of other processes who is on this hub's sockets: all of them, or what has changed since. */
export class PresenceAnnouncer {
  readonly #options: AnnouncerOptions;
  readonly #own: Roster;
  /** The participants that other hubs were told of. */
  #told: readonly Presence[] = [];
  #allAt = Number.NEGATIVE_INFINITY;
  #at = Number.NEGATIVE_INFINITY;

  constructor(options: AnnouncerOptions, own: Roster) {
    this.#options = options;
    this.#own = own;
  }

  /** The number of participants that others were told of last. */
  get told(): number {
    return this.#told.length;
  }

  /** The time since something was told, in ms. */
  get sinceLast(): number {
    return this.#options.now() - this.#at;
  }

  /** The time since all of it was told, in ms. */
  get sinceAll(): number {
    return this.#options.now() - this.#allAt;
  }

  tellAll(): void {
    const { who } = this.#own.present;
    this.#allAt = this.#options.now();
    this.#tell(who);
  }

  tellChanges(): void {
    const { who } = this.#own.present;
    if (who === this.#told) return;
    const told = new Set(this.#told);
    this.#tell(who.filter((presence) => !told.has(presence)));
  }

  /** Tells of these, and of those who are gone. */
  #tell(who: readonly Presence[]): void {
    const all = this.#own.present.who;
    const ids = new Set(all.map(({ id }) => id));
    const gone = this.#told.map(({ id }) => id).filter((id) => !ids.has(id));
    this.#told = all;
    if (who.length + gone.length === 0) return;
    this.#at = this.#options.now();
    for (const page of pagesOf(gone)) this.#say({ gone: page });
    for (const page of pagesOf(who)) this.#say({ who: page });
  }

  #say(words: { readonly who?: readonly Presence[]; readonly gone?: readonly string[] }): void {
    this.#options.signal(JSON.stringify({ hub: this.#options.id, ...words }));
  }
}

/** Lists that fit into a signal each: one that is too large would be lost whole. */
function pagesOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const pages: T[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = jsonBytes(item) + 1;
    if (bytes > room) {
      pages.push([]);
      room = pageBytes;
    }
    pages.at(-1)?.push(item);
    room -= bytes;
  }
  return pages;
}

const isPresence = (value: unknown): value is Presence =>
  isRecord(value) &&
  typeof value.id === 'string' &&
  typeof value.role === 'string' &&
  (value.state === 'here' || value.state === 'typing');
