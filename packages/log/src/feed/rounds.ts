import type { Timers } from './timers.ts';

/** Whoever looks in rounds. */
export interface RoundMember {
  /** The one that it takes part in, kept for its rounds; null for none. */
  round: Round | null;
  look(): void;
}

interface Round {
  readonly members: Set<RoundMember>;
  cancel: () => void;
}

/** Members of a round: as many sessions as a log may be asked about at once. */
const most = 100;

/**
 * Has each member look once every `everyMs`, and for the first time in at most that time. Up to a hundred look in
 * the same turn, so that a log can answer them together. One timer for each such round, none where nobody takes part.
 */
export class Rounds {
  readonly everyMs: number;
  readonly #timers: Timers;
  /** The one that was begun last stands last. */
  readonly #rounds = new Set<Round>();

  constructor(timers: Timers, everyMs: number) {
    this.#timers = timers;
    this.everyMs = everyMs;
  }

  /** Nothing for who takes part already. */
  join(member: RoundMember): void {
    if (member.round) return;
    const round = this.#roomFor(1) ?? this.#begin({ members: new Set(), cancel: () => {} });
    this.#enter(member, round);
  }

  /** Nothing for who takes no part. */
  leave(member: RoundMember): void {
    const { round } = member;
    if (!round) return;
    member.round = null;
    round.members.delete(member);
    if (round.members.size === 0) this.#end(round);
  }

  #begin(round: Round): Round {
    this.#rounds.add(round);
    round.cancel = this.#timers.after(this.everyMs, () => this.#take(round));
    return round;
  }

  #end(round: Round): void {
    round.cancel();
    this.#rounds.delete(round);
  }

  #take(round: Round): void {
    const members = [...round.members];
    this.#rounds.delete(round);
    // Those that are left of many share a round again.
    const other = members.length <= most / 2 ? this.#roomFor(members.length) : undefined;
    if (!other) this.#begin(round);
    else for (const member of members) this.#enter(member, other);
    for (const member of members) if (member.round) member.look();
  }

  #enter(member: RoundMember, round: Round): void {
    member.round = round;
    round.members.add(member);
  }

  /** Of those that have so many places the one that was begun last: its members have looked last. */
  #roomFor(count: number): Round | undefined {
    let found: Round | undefined;
    for (const round of this.#rounds) if (round.members.size + count <= most) found = round;
    return found;
  }
}
