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

const nobody: Present = { who: [], count: 0 };

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
  readonly #voices = new Map<unknown, string>();
  #present: Present = nobody;
  #isFresh = true;

  constructor(most: number) {
    this.#most = most;
  }

  /** The same object until somebody has changed of whom it tells. */
  get present(): Present {
    if (this.#isFresh) return this.#present;
    this.#isFresh = true;
    const who = this.#named();
    const known = this.#present;
    const isSame =
      known.count === this.#members.size &&
      known.who.length === who.length &&
      known.who.every((each, at) => each === who[at]);
    if (!isSame) this.#present = { who, count: this.#members.size };
    return this.#present;
  }

  get count(): number {
    return this.#members.size;
  }

  /** A voice speaks for one participant; false when that says nothing new. */
  set(voice: unknown, presence: Presence): boolean {
    const { id } = presence;
    if (this.#voices.get(voice) !== id) this.delete(voice);
    this.#voices.set(voice, id);
    const member = this.#members.get(id);
    if (!member) {
      this.#members.set(id, { voices: new Map([[voice, presence]]), shown: presence });
      this.#ids.splice(this.#placeOf(id), 0, id);
      this.#changed(id, presence);
      return true;
    }
    member.voices.set(voice, presence);
    return this.#show(id, member);
  }

  /** False when nobody sees a difference. */
  delete(voice: unknown): boolean {
    const id = this.#voices.get(voice);
    const member = id === undefined ? undefined : this.#members.get(id);
    if (id === undefined || !member) return false;
    this.#voices.delete(voice);
    member.voices.delete(voice);
    if (member.voices.size > 0) return this.#show(id, member);
    this.#members.delete(id);
    this.#ids.splice(this.#placeOf(id), 1);
    this.#typing.delete(id);
    this.#isFresh = false;
    return true;
  }

  /** Several tabs of a participant are one, which types when one of them does (HF-PRES-1). */
  #show(id: string, member: Member): boolean {
    const voices = [...member.voices.values()];
    const shown = voices.find(({ state }) => state === 'typing') ?? voices[0];
    if (!shown || isSame(shown, member.shown)) return false;
    member.shown = shown;
    this.#changed(id, shown);
    return true;
  }

  #changed(id: string, { state }: Presence): void {
    if (state === 'typing') this.#typing.add(id);
    else this.#typing.delete(id);
    this.#isFresh = false;
  }

  #named(): readonly Presence[] {
    const ids =
      this.#ids.length <= this.#most
        ? this.#ids
        : [...new Set([...first(this.#typing, this.#most), ...this.#ids.slice(0, this.#most)])]
            .slice(0, this.#most)
            .sort();
    return ids.flatMap((id) => {
      const member = this.#members.get(id);
      return member ? [member.shown] : [];
    });
  }

  #placeOf(id: string): number {
    let [low, high] = [0, this.#ids.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ids[middle] ?? '') < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function first(ids: Iterable<string>, count: number): readonly string[] {
  const found: string[] = [];
  for (const id of ids) {
    if (found.length === count) break;
    found.push(id);
  }
  return found;
}

const isSame = (a: Presence, b: Presence): boolean =>
  a === b ||
  (a.state === b.state &&
    a.role === b.role &&
    (a.info === b.info || JSON.stringify(a.info) === JSON.stringify(b.info)));
