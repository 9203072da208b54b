import { isRecord, type Limits, type Presence, parseJson } from '@holdfast/protocol';

export type PresenceLimits = Pick<Limits, 'presenceMs' | 'awayMs' | 'typingMs'>;

export interface PresenceOptions {
  /** Tells this hub from those of other processes. */
  readonly id: string;
  readonly limits: PresenceLimits;
  readonly now: () => number;
  /** Hands a text to the hubs of this session everywhere; may be lost. */
  readonly signal: (text: string) => void;
}

/** What one hub says of the participants on its sockets. */
interface Announcement {
  readonly who: readonly Presence[];
  readonly until: number;
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

/** One change of a participant's state is passed on in this time (HF-PRES-4). */
const quietMs = 1_000;
/** Participants of one hub beyond these are not told of: the list travels with every change. */
const maxMembers = 100;

/**
 * Who is in a session, on this hub's sockets and on those of others (section 7). Hubs tell each other
 * by signals, which are kept nowhere: each repeats what it knows, and who falls silent is forgotten.
 * Costs nothing while nobody says that they are there.
 */
export class SessionPresence {
  readonly #options: PresenceOptions;
  readonly #locals = new Map<object, Local>();
  readonly #others = new Map<string, Announcement>();
  readonly #listeners = new Set<(who: readonly Presence[]) => void>();
  #who: readonly Presence[] = [];
  #told = Number.NEGATIVE_INFINITY;
  #toldText = '[]';
  #asked = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Each participant once, in the order of their ids. */
  get who(): readonly Presence[] {
    return this.#who;
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
    } else if (local && now - local.at < quietMs) local.next = said;
    else {
      if (said === 'away') this.#locals.delete(key);
      else this.#locals.set(key, { participant, state: said, at: now, next: null });
      this.#changed();
    }
  }

  leave(key: object): void {
    if (this.#locals.delete(key)) this.#changed();
  }

  receive(text: string): void {
    const parsed = parseJson(text, 8);
    if (!parsed.ok || !isRecord(parsed.value)) return;
    const { hub, ask, who } = parsed.value;
    if (typeof hub !== 'string' || hub === this.#options.id) return;
    if (ask === true && this.#locals.size > 0) this.#tell(this.#members());
    if (!Array.isArray(who)) return;
    const until = this.#options.now() + this.#options.limits.awayMs;
    if (who.length === 0) this.#others.delete(hub);
    else this.#others.set(hub, { who: who.filter(isPresence), until });
    this.#update();
  }

  /** Called about once a second while anybody follows. */
  tick(now: number): void {
    const { typingMs, presenceMs } = this.#options.limits;
    let changed = false;
    for (const [key, local] of this.#locals) {
      const said = local.next ?? (local.state === 'typing' && now - local.at >= typingMs && 'here');
      if (!said || now - local.at < quietMs) continue;
      changed = true;
      if (said === 'away') this.#locals.delete(key);
      else Object.assign(local, { state: said, at: now, next: null });
    }
    for (const [hub, { until }] of this.#others)
      if (now >= until) changed = this.#others.delete(hub);
    const members = this.#members();
    const isDue = members.length > 0 && now - this.#told >= presenceMs;
    if (isDue || JSON.stringify(members) !== this.#toldText) this.#tell(members);
    if (changed) this.#update();
  }

  close(): void {
    this.#locals.clear();
    if (this.#toldText !== '[]') this.#tell([]);
    this.#listeners.clear();
  }

  #changed(): void {
    this.#update();
    // What comes too soon is told by the next tick.
    if (this.#options.now() - this.#told >= quietMs) this.#tell(this.#members());
  }

  #tell(who: readonly Presence[]): void {
    this.#told = this.#options.now();
    this.#toldText = JSON.stringify(who);
    this.#say({ who });
  }

  #say(words: { readonly ask?: true; readonly who?: readonly Presence[] }): void {
    this.#options.signal(JSON.stringify({ hub: this.#options.id, ...words }));
  }

  #members(): readonly Presence[] {
    return unite(
      [...this.#locals.values()].map(({ participant, state }) => ({ ...participant, state })),
    ).slice(0, maxMembers);
  }

  #update(): void {
    const who = unite([
      ...this.#members(),
      ...[...this.#others.values()].flatMap((announcement) => announcement.who),
    ]);
    if (JSON.stringify(who) === JSON.stringify(this.#who)) return;
    this.#who = who;
    for (const listener of [...this.#listeners]) listener(who);
  }
}

/** Several tabs of a participant are one, which types when one of them does (HF-PRES-1). */
function unite(all: readonly Presence[]): readonly Presence[] {
  const byId = new Map<string, Presence>();
  for (const presence of all)
    if (presence.state === 'typing' || !byId.has(presence.id)) byId.set(presence.id, presence);
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const isPresence = (value: unknown): value is Presence =>
  isRecord(value) &&
  typeof value.id === 'string' &&
  typeof value.role === 'string' &&
  (value.state === 'here' || value.state === 'typing');
