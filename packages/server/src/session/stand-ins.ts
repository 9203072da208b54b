/** How long a participant stays in a session whose stream was cut, in ms: most are begun anew at once (HF-EVT-8). */
export const stayMs = 5_000;

interface StandIn {
  /** The subscription that is gone. */
  readonly key: object;
  readonly until: number;
}

/** Subscriptions that are gone and still stand for their participants: one for each of these. */
export class StandIns {
  readonly #byParticipant = new Map<string, StandIn>();

  get size(): number {
    return this.#byParticipant.size;
  }

  has(participant: string, key: object): boolean {
    return this.#byParticipant.get(participant)?.key === key;
  }

  /** Gives the one that has stood for the participant until now. */
  add(participant: string, key: object, now: number): object | undefined {
    const earlier = this.replacedBy(participant, key);
    this.#byParticipant.set(participant, { key, until: now + stayMs });
    return earlier;
  }

  /** The one that need not stand for the participant any more, now that another subscription does. */
  replacedBy(participant: string, key: object): object | undefined {
    const known = this.#byParticipant.get(participant);
    if (!known || known.key === key) return undefined;
    this.#byParticipant.delete(participant);
    return known.key;
  }

  /** Those whose time is over. */
  takeDue(now: number): readonly object[] {
    const due: object[] = [];
    for (const [participant, { key, until }] of this.#byParticipant)
      if (now >= until) {
        this.#byParticipant.delete(participant);
        due.push(key);
      }
    return due;
  }
}
