import type { Presence } from '@holdfast/protocol';
import { Few } from '../few.ts';
import { FewBy } from '../few-by.ts';

/** The participants who are there: not all are named where they are many. */
export interface Present {
  /** In the order of their ids; those who type before others, where not all are named. */
  readonly who: readonly Presence[];
  /** How many there are, named or not. */
  readonly count: number;
}

interface Member {
  readonly id: string;
  /** The state that each of their tabs, or a hub, says of them. */
  readonly voices: FewBy<unknown, Presence>;
  shown: Presence;
}

/**
 * Participants, each once however many voices speak for them. A change costs the same however many
 * there are, but for their order, and naming costs as many as are named.
 */
export class Roster {
  readonly #most: number;
  /** In the order of their ids. */
  #members: Member[] = [];
  /** Null while nobody has typed. */
  #typing: Few<Member> | null = null;
  readonly #voices = new FewBy<unknown, Member>();
  #told: Present = { who: [], count: 0 };
  /** Null since somebody has changed. */
  #fresh: Present | null = null;

  constructor(most: number) {
    this.#most = most;
  }

  /** The same object until somebody has changed of whom it tells. */
  get present(): Present {
    this.#fresh ??= this.#tell();
    return this.#fresh;
  }

  /** One that goes on by itself from here; tells of the same as long as nobody changes. */
  copy(): Roster {
    const copy = new Roster(this.#most);
    for (const { voices } of this.#members)
      for (const [voice, presence] of voices) copy.set(voice, presence);
    copy.#told = this.#told;
    return copy;
  }

  /** A voice speaks for one participant; false when that says nothing new. */
  set(voice: unknown, presence: Presence): boolean {
    const { id } = presence;
    if (this.#voices.get(voice)?.id !== id) this.delete(voice);
    const known = this.#members[this.#placeOf(id)];
    const member = known?.id === id ? known : this.#enter(presence);
    this.#voices.set(voice, member);
    member.voices.set(voice, presence);
    return member === known ? this.#show(member) : true;
  }

  /** False when nobody sees a difference. */
  delete(voice: unknown): boolean {
    const member = this.#voices.take(voice);
    if (!member) return false;
    member.voices.take(voice);
    if (member.voices.size > 0) return this.#show(member);
    this.#members.splice(this.#placeOf(member.id), 1);
    this.#typing?.delete(member);
    this.#fresh = null;
    return true;
  }

  #enter(presence: Presence): Member {
    const { id } = presence;
    const member: Member = { id, voices: new FewBy(), shown: presence };
    // A list that grows has room for more: most sessions have one participant.
    if (this.#members.length === 0) this.#members = [member];
    else this.#members.splice(this.#placeOf(id), 0, member);
    this.#changed(member);
    return member;
  }

  /** Several tabs of a participant are one, which types when one of them does (HF-PRES-1). */
  #show(member: Member): boolean {
    const voices = member.voices.values();
    const shown = voices.find(({ state }) => state === 'typing') ?? voices[0];
    if (!shown || isSame(shown, member.shown)) return false;
    member.shown = shown;
    this.#changed(member);
    return true;
  }

  #changed(member: Member): void {
    if (member.shown.state === 'typing') {
      this.#typing ??= new Few();
      this.#typing.add(member);
    } else this.#typing?.delete(member);
    this.#fresh = null;
  }

  /** As it was told before, where that is what there is to tell. */
  #tell(): Present {
    const who = this.#named();
    const { length: count } = this.#members;
    const known = this.#told;
    // As many are named of as many.
    const isSame = known.count === count && known.who.every((each, at) => each === who[at]);
    if (!isSame) this.#told = { who, count };
    return this.#told;
  }

  #named(): readonly Presence[] {
    const named = new Set<Member>();
    for (const members of [this.#typing ?? [], this.#members])
      for (const member of members) {
        if (named.size === this.#most) break;
        named.add(member);
      }
    return [...named].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ shown }) => shown);
  }

  #placeOf(id: string): number {
    let [low, high] = [0, this.#members.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#members[middle] as Member).id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const isSame = (a: Presence, b: Presence): boolean =>
  a.state === b.state &&
  a.role === b.role &&
  (a.info === b.info || JSON.stringify(a.info) === JSON.stringify(b.info));
