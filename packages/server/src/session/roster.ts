import type { Presence } from '@holdfast/protocol';

/** The participants who are there: not all are named where they are many. */
export interface Present {
  /** In the order of their ids; those who type before others, where not all are named. */
  readonly who: readonly Presence[];
  /** How many there are, named or not. */
  readonly count: number;
}

interface Member {
  /** The state that each of their tabs, or a hub, says of them. */
  readonly voices: Map<unknown, Presence>;
  shown: Presence;
}

/**
 * Participants, each once however many voices speak for them. A change costs the same however many
 * there are, but for their order, and naming costs as many as are named.
 */
export class Roster {
  readonly #most: number;
  readonly #members = new Map<string, Member>();
  /** Sorted. */
  readonly #ids: string[] = [];
  readonly #typing = new Set<string>();
  readonly #voices = new Map<unknown, Member>();
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

  /** A voice speaks for one participant; false when that says nothing new. */
  set(voice: unknown, presence: Presence): boolean {
    const { id } = presence;
    if (this.#voices.get(voice)?.shown.id !== id) this.delete(voice);
    const member = this.#members.get(id);
    if (!member) {
      const alone: Member = { voices: new Map([[voice, presence]]), shown: presence };
      this.#voices.set(voice, alone);
      this.#members.set(id, alone);
      this.#ids.splice(this.#placeOf(id), 0, id);
      this.#changed(presence);
      return true;
    }
    this.#voices.set(voice, member);
    member.voices.set(voice, presence);
    return this.#show(member);
  }

  /** False when nobody sees a difference. */
  delete(voice: unknown): boolean {
    const member = this.#voices.get(voice);
    if (!member) return false;
    this.#voices.delete(voice);
    member.voices.delete(voice);
    if (member.voices.size > 0) return this.#show(member);
    const { id } = member.shown;
    this.#members.delete(id);
    this.#ids.splice(this.#placeOf(id), 1);
    this.#typing.delete(id);
    this.#fresh = null;
    return true;
  }

  /** Several tabs of a participant are one, which types when one of them does (HF-PRES-1). */
  #show(member: Member): boolean {
    const voices = [...member.voices.values()];
    const shown = voices.find(({ state }) => state === 'typing') ?? voices[0];
    if (!shown || isSame(shown, member.shown)) return false;
    member.shown = shown;
    this.#changed(shown);
    return true;
  }

  #changed({ id, state }: Presence): void {
    if (state === 'typing') this.#typing.add(id);
    else this.#typing.delete(id);
    this.#fresh = null;
  }

  /** As it was told before, where that is what there is to tell. */
  #tell(): Present {
    const who = this.#named();
    const { size: count } = this.#members;
    const known = this.#told;
    // As many are named of as many.
    const isSame = known.count === count && known.who.every((each, at) => each === who[at]);
    if (!isSame) this.#told = { who, count };
    return this.#told;
  }

  #named(): readonly Presence[] {
    const named = new Set<string>();
    for (const ids of [this.#typing, this.#ids])
      for (const id of ids) {
        if (named.size === this.#most) break;
        named.add(id);
      }
    return [...named]
      .sort()
      .map((id) => this.#members.get(id)?.shown)
      .filter((shown) => shown !== undefined);
  }

  #placeOf(id: string): number {
    let [low, high] = [0, this.#ids.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ids[middle] as string) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const isSame = (a: Presence, b: Presence): boolean =>
  a.state === b.state &&
  a.role === b.role &&
  (a.info === b.info || JSON.stringify(a.info) === JSON.stringify(b.info));
