import { HoldfastError, type Limits, type Presence, type PresenceFrame } from '@holdfast/protocol';
import { FewBy } from '../few-by.ts';
import { type Address, Addresses } from './addresses.ts';
import { jsonBytes } from './json-bytes.ts';
import {
  type AnnouncerOptions,
  PresenceAnnouncer,
  type PresenceSignal,
  readSignal,
  type SaidSignal,
} from './presence-signals.ts';
import { type Present, Roster } from './roster.ts';
import { StandIns } from './stand-ins.ts';

export type PresenceLimits = Pick<
  Limits,
  'presenceMs' | 'awayMs' | 'typingMs' | 'presenceMembers' | 'presenceInfoBytes'
>;

export interface PresenceOptions extends AnnouncerOptions {
  readonly limits: PresenceLimits;
  /** Told once of an info that is too large. */
  readonly report?: (error: unknown) => void;
  /** Told when the participants have changed. */
  readonly changed?: (who: readonly Presence[]) => void;
}

type Said = PresenceFrame['state'];

interface Local {
  readonly presence: Presence;
  /** When its state was said. */
  at: number;
  /** Said too soon after that; taken up by the next tick. */
  next: Said | null;
}

/** The time in which one change of a participant's state is passed on (HF-PRES-4). */
const quietMs = 1_000;
/** With more participants here, followers are told of all changes of a second at once. */
const crowd = 20;
/** Bytes of infos that were shown: a participant has the same one in each session, and says it again and again. */
const bytesOfInfo = new WeakMap<object, number>();

/**
 * The participants of a session, on this hub's sockets and on those of others (section 7). Hubs tell each other
 * by signals, which are kept nowhere: what has changed at once, and while others listen all of it now and then; who is
 * not told of again is forgotten. Made when somebody says that they are there; see `SessionPresence`.
 */
export class Participants {
  readonly #options: PresenceOptions;
  readonly #locals = new FewBy<object, Local>();
  /** Those whose state changes by itself: others, who may be many, need no look each second. Null while none does. */
  #passing: Set<object> | null = null;
  /** Null while no stream was followed. */
  #addresses: Addresses | null = null;
  /** Null while no stream was cut. */
  #standIns: StandIns | null = null;
  /**
   * Until when those count as there that other hubs have told of, by their voices in `all`: the next to go first. Null
   * while none has.
   */
  #others: Map<string, number> | null = null;
  /** Null behind the end. */
  #told: Pick<PresenceOptions, 'changed'> | null;
  /** Participants on this hub's sockets. */
  readonly #own: Roster;
  /** Those on all; the same roster while no other hub has told of somebody. */
  #all: Roster;
  readonly #announcer: PresenceAnnouncer;
  #heard: Present;
  #reported = false;
  /** Until when other hubs may listen: nothing is said again and again where nobody else is. */
  #companyUntil = Number.NEGATIVE_INFINITY;

  constructor(options: PresenceOptions) {
    const { presenceMembers } = options.limits;
    this.#options = options;
    this.#told = options;
    this.#own = new Roster(presenceMembers);
    this.#all = this.#own;
    this.#announcer = new PresenceAnnouncer(options, this.#own);
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

  /** `key` stands for one subscription. */
  set(key: object, participant: Omit<Presence, 'state'>, said: Said): void {
    const now = this.#options.now();
    const local = this.#locals.get(key);
    if (local?.presence.state === said) {
      local.at = now;
      local.next = null;
    } else if (local && now - local.at < quietMs) {
      local.next = said;
      this.#pass(key);
    } else {
      this.#put(key, this.#shown(participant), said, now);
      this.#changed();
    }
  }

  leave(key: object): void {
    this.#dismiss(key);
    this.#changed();
  }

  /** As `leave`, a little later, unless the participant comes back before: for a stream that was cut (HF-EVT-8). */
  leaveSoon(key: object): void {
    const local = this.#locals.get(key);
    if (!local) {
      this.#addresses?.drop(key);
      return;
    }
    this.#standIns ??= new StandIns();
    this.#dismiss(this.#standIns.add(local.presence.id, key, this.#options.now()));
  }

  /** Lets requests speak for a subscription until it leaves (HF-EVT-7). */
  address(conn: string, address: Address): void {
    this.#addresses ??= new Addresses();
    this.#addresses.add(conn, address);
  }

  /** True while somebody stays whose stream is gone. */
  get hasStandIns(): boolean {
    return this.#standIns !== null && this.#standIns.size > 0;
  }

  receive(text: string): void {
    const signal = readSignal(text);
    if (signal?.kind === 'said') this.#said(signal);
    else if (signal && signal.hub !== this.#options.id) this.#announced(signal);
  }

  /** Others may not have heard what was said. */
  missed(): void {
    this.#companyUntil = this.#companyEnd();
  }

  /** True where somebody is about to be forgotten, unless their hub is asked and answers. */
  isLosing(now: number): boolean {
    const [next] = this.#others?.values() ?? [];
    return next !== undefined && next - now <= this.#options.limits.presenceMs;
  }

  /** A request speaks for the subscription of a connection; another participant cannot (HF-EVT-7). */
  #said({ conn, by, state }: SaidSignal): void {
    const address = this.#addresses?.find(conn, by);
    if (address) this.set(address.key, address.participant, state);
  }

  #announced({ hub, isAsking, who, gone }: PresenceSignal): void {
    this.#companyUntil = this.#companyEnd();
    if (isAsking) this.#announcer.tellAll();
    if (who.length > 0) this.#enter(hub, who);
    for (const id of gone) this.#all.delete(`${hub} ${id}`);
    this.#update();
  }

  #enter(hub: string, who: readonly Presence[]): void {
    if (this.#all === this.#own) this.#all = this.#own.copy();
    this.#others ??= new Map();
    const until = this.#companyEnd();
    for (const presence of who) {
      const voice = `${hub} ${presence.id}`;
      // Behind all that were told of before.
      this.#others.delete(voice);
      this.#others.set(voice, until);
      this.#all.set(voice, presence);
    }
  }

  /** Called about once a second by whoever has the hub. */
  tick(now: number): void {
    for (const key of this.#standIns?.takeDue(now) ?? []) this.#dismiss(key);
    this.#calm(now);
    this.#forget(now);
    const isDue = this.#announcer.sinceAll >= this.#options.limits.presenceMs;
    const isHeard = now < this.#companyUntil;
    if (isDue && isHeard) this.#announcer.tellAll();
    else this.#announcer.tellChanges();
    this.#notify();
  }

  close(): void {
    // Whose stream was cut may be at another process already: there they are forgotten in time (HF-EVT-8).
    for (const [key, { presence }] of this.#locals)
      if (!this.#standIns?.has(presence.id, key)) this.#remove(key);
    this.#announcer.tellChanges();
    this.#told = null;
  }

  /** Takes up what was said too soon, and lets who typed fall back (HF-PRES-3). */
  #calm(now: number): void {
    for (const key of this.#passing ?? []) {
      const local = this.#locals.get(key);
      if (!local || (local.next === null && local.presence.state !== 'typing')) {
        this.#passing?.delete(key);
        continue;
      }
      const isOver = now - local.at >= this.#options.limits.typingMs;
      const said = local.next ?? (local.presence.state === 'typing' && isOver ? 'here' : null);
      if (said && now - local.at >= quietMs) this.#put(key, local.presence, said, now);
    }
    if (this.#passing?.size === 0) this.#passing = null;
  }

  #pass(key: object): void {
    this.#passing ??= new Set();
    this.#passing.add(key);
  }

  /** When a hub that is heard of now, and then not again, counts as gone. */
  #companyEnd(): number {
    return this.#options.now() + this.#options.limits.awayMs;
  }

  /** Drops participants of hubs that fell silent, or that are not told of any more. */
  #forget(now: number): void {
    for (const [voice, until] of this.#others ?? []) {
      if (now < until) return;
      this.#others?.delete(voice);
      this.#all.delete(voice);
    }
  }

  #put(key: object, participant: Omit<Presence, 'state'>, state: Said, at: number): void {
    if (state === 'away') {
      this.#remove(key);
      return;
    }
    const presence = { ...participant, state };
    this.#locals.set(key, { presence, at, next: null });
    if (state === 'typing') this.#pass(key);
    this.#own.set(key, presence);
    this.#all.set(key, presence);
    this.#dismiss(this.#standIns?.replacedBy(participant.id, key));
  }

  #dismiss(key: object | undefined): void {
    if (!key) return;
    this.#addresses?.drop(key);
    this.#remove(key);
  }

  #remove(key: object): void {
    this.#locals.take(key);
    this.#own.delete(key);
    this.#all.delete(key);
  }

  /** Without an info that would be too much for a list of many (HF-PRES-6). */
  #shown(participant: Omit<Presence, 'state'>): Omit<Presence, 'state'> {
    const { info, ...rest } = participant;
    if (info === undefined) return participant;
    const { presenceInfoBytes: most } = this.#options.limits;
    const bytes = bytesOfInfo.get(info) ?? jsonBytes(info);
    bytesOfInfo.set(info, bytes);
    if (bytes <= most) return participant;
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
    if (this.#announcer.sinceLast >= quietMs) this.#announcer.tellChanges();
  }

  /** In a crowd somebody always comes or goes: each change would be told to all of it. */
  #update(): void {
    if (this.#locals.size <= crowd) this.#notify();
  }

  #notify(): void {
    const { present } = this.#all;
    if (present === this.#heard) return;
    this.#heard = present;
    this.#told?.changed?.(present.who);
  }
}
