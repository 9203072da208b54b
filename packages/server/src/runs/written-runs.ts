/** More are asked for again. */
const most = 1_000;

interface Named {
  readonly run: string;
  readonly agent: string;
}

const keyOf = (session: string, { run, agent }: Named): string =>
  JSON.stringify([session, run, agent]);

/** The messages of runs that writers write through this process: an append takes one step of the log then, not two. */
export class WrittenRuns {
  readonly #messages = new Map<string, string>();

  messageOf(session: string, named: Named): string | undefined {
    return this.#messages.get(keyOf(session, named));
  }

  note(session: string, named: Named, messageId: string): void {
    const [oldest] = this.#messages.keys();
    if (oldest !== undefined && this.#messages.size >= most) this.#messages.delete(oldest);
    this.#messages.set(keyOf(session, named), messageId);
  }
}
