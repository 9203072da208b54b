import { randomBytes } from 'node:crypto';
import { HoldfastError, origin, type Position, seqOf } from '@holdfast/protocol';
import { movedTop } from '../moved.ts';

/** Sessions whose newest entry is remembered; of others the first write is refused once. */
const keptSessions = 4_096;
/** Each refusal means that another write was accepted (PROTOCOL.md section 15). */
const tries = 100;

/** The outcome of a write, and the newest entry behind it, where the write has made it. */
export interface Placed<Outcome> {
  readonly outcome: Outcome;
  readonly top: Position | null;
}

/**
 * Knows behind which entry the next one of a session has to be written. Writes of one session in one
 * process follow one another, since each is bound to the one before.
 */
export class Places {
  readonly #tops = new Map<string, Position>();
  readonly #turns = new Map<string, Promise<unknown>>();

  /** Takes note of an entry that the session has; the newest is remembered. */
  saw(session: string, { epoch, id }: Position): void {
    const known = this.#tops.get(session);
    if (known?.epoch === epoch && seqOf(known.id) >= seqOf(id)) return;
    this.#moveTo(session, { epoch, id });
  }

  /**
   * Writes behind the newest entry, and again when others have written meanwhile. What `given` names it is
   * written behind, or not at all. Rejects with `unavailable` when others come in between for too long.
   */
  async write<Outcome>(
    session: string,
    given: () => Position | undefined,
    act: (behind: Position) => Promise<Placed<Outcome>>,
  ): Promise<Outcome> {
    const before = this.#turns.get(session);
    const turn = this.#after(before, () => this.#place(session, given, act));
    const done = turn.catch(() => {});
    this.#turns.set(session, done);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(session) === done) this.#turns.delete(session);
    }
  }

  async #after<T>(before: Promise<unknown> | undefined, act: () => Promise<T>): Promise<T> {
    await before;
    return await act();
  }

  async #place<Outcome>(
    session: string,
    given: () => Position | undefined,
    act: (behind: Position) => Promise<Placed<Outcome>>,
  ): Promise<Outcome> {
    for (let left = tries; left > 0; left--) {
      const behind = given() ?? this.#tops.get(session) ?? beginning();
      try {
        const { outcome, top } = await act(behind);
        if (top) this.#moveTo(session, top);
        return outcome;
      } catch (error) {
        const top = movedTop(error);
        if (!top || given()) throw error;
        if (top.epoch === '') this.#tops.delete(session);
        else this.#moveTo(session, top);
      }
    }
    throw new HoldfastError(
      'unavailable',
      'unable to write: others keep coming in between; try again',
    );
  }

  #moveTo(session: string, top: Position): void {
    this.#tops.delete(session);
    this.#tops.set(session, top);
    if (this.#tops.size > keptSessions) this.#tops.delete(this.#tops.keys().next().value as string);
  }
}

/** Where the first entry of a session stands that a write would make. */
export const beginning = (): Position => ({
  epoch: randomBytes(12).toString('base64url'),
  id: origin,
});
