import type { Presence, PresenceFrame } from '@holdfast/protocol';
import type { Address } from './addresses.ts';
import { Participants, type PresenceOptions } from './participants.ts';
import { askText, readSignal } from './presence-signals.ts';
import type { Present } from './roster.ts';

export type { PresenceLimits, PresenceOptions } from './participants.ts';

const nobody: Present = { who: [], count: 0 };

/**
 * The participants of a session, for its hub. Takes no memory to speak of, and no time, before somebody says that they
 * are there: most sessions are followed by one who is alone.
 */
export class SessionPresence {
  readonly #options: PresenceOptions;
  /** Null while nobody was ever there, here or elsewhere. */
  #participants: Participants | null = null;
  /** When the other hubs were asked last; null while nobody has followed. */
  #askedAt: number | null = null;
  /** True when something may have been missed since. */
  #hasMissed = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** The participants that followers were last told of; the same object until that changes. */
  get present(): Present {
    const present = this.#participants?.present;
    return present && present.count > 0 ? present : nobody;
  }

  /** Each participant once, in the order of their ids; at most `presenceMembers` (HF-PRES-5). */
  get who(): readonly Presence[] {
    return this.present.who;
  }

  /** A follower came: asks the other hubs who is on theirs. */
  greet(): void {
    if (this.#askedAt === null) this.#ask(this.#options.now());
  }

  /** What was said here or elsewhere may be lost: both is made up for. */
  missed(): void {
    this.#hasMissed = true;
    this.#participants?.missed();
  }

  /** `key` stands for one subscription. */
  set(key: object, participant: Omit<Presence, 'state'>, said: PresenceFrame['state']): void {
    // Who was never there cannot go.
    if (said === 'away') this.#participants?.set(key, participant, said);
    else this.#made().set(key, participant, said);
  }

  leave(key: object): void {
    this.#participants?.leave(key);
  }

  /** As `leave`, a little later, unless the participant comes back before: for a stream that was cut (HF-EVT-8). */
  leaveSoon(key: object): void {
    this.#participants?.leaveSoon(key);
  }

  /** Lets requests speak for a subscription until it leaves (HF-EVT-7). */
  address(conn: string, address: Address): void {
    this.#made().address(conn, address);
  }

  /** True while somebody stays whose stream is gone. */
  get hasStandIns(): boolean {
    return this.#participants?.hasStandIns ?? false;
  }

  receive(text: string): void {
    if (this.#participants || tellsOfSomebody(text, this.#options.id)) this.#made().receive(text);
  }

  /** Called about once a second by whoever has the hub. */
  tick(now: number): void {
    if (this.#isToAsk(now)) this.#ask(now);
    this.#participants?.tick(now);
  }

  close(): void {
    this.#participants?.close();
  }

  /** A hub tells of its own only while it hears of others, so who hears too little of one asks (HF-PRES-3). */
  #isToAsk(now: number): boolean {
    if (this.#askedAt === null) return false;
    if (now - this.#askedAt < this.#options.limits.presenceMs) return false;
    return this.#hasMissed || (this.#participants?.isLosing(now) ?? false);
  }

  #ask(now: number): void {
    this.#askedAt = now;
    this.#hasMissed = false;
    this.#options.signal(askText(this.#options.id));
  }

  #made(): Participants {
    this.#participants ??= new Participants(this.#options);
    return this.#participants;
  }
}

/** False for what says nothing where nobody is: a question, that somebody is gone, what a request says of nobody here. */
function tellsOfSomebody(text: string, hub: string): boolean {
  const signal = readSignal(text);
  return signal?.kind === 'announced' && signal.hub !== hub && signal.who.length > 0;
}
