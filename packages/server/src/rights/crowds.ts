/** Participants of one session, in development, that are more likely a mistake than a crowd. */
const many = 5;

/** Sessions that are looked at. */
const most = 1_000;

/**
 * Looks, in development, for a session that suddenly has many participants: a page that is rendered once for all
 * visitors, and makes the chat's id, gives all of them the same chat. Told once in a process.
 */
export class Crowds {
  readonly #warn: (message: string) => void;
  readonly #seen = new Map<string, Set<string>>();
  #state: 'looking' | 'told';

  constructor(
    warn: (message: string) => void = (message) =>
      process.emitWarning(message, { code: 'HOLDFAST_SHARED_SESSION' }),
    isDevelopment: boolean = process.env.NODE_ENV !== 'production',
  ) {
    this.#warn = warn;
    this.#state = isDevelopment ? 'looking' : 'told';
  }

  admitted(session: string, participant: string): void {
    if (this.#state === 'told') return;
    const known = this.#seen.get(session) ?? new Set<string>();
    if (known.size === 0 && this.#seen.size >= most) return;
    known.add(participant);
    this.#seen.set(session, known);
    if (known.size < many) return;
    this.#state = 'told';
    this.#seen.clear();
    this.#warn(
      `the session ${session} has ${many} participants. Is its id made in a page that is prerendered, or cached? Then all visitors share one chat: make the id for each of them (docs/sync.md, "One id for each chat"). If they are meant to share it, all is well. This is told once, and in development only`,
    );
  }
}
