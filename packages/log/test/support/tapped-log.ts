import type { Delivery, SessionLog } from '../../src/index.ts';

/** The log's methods as members of a plain object. */
const methodsOf = (log: SessionLog): SessionLog =>
  Object.fromEntries(
    Object.getOwnPropertyNames(Object.getPrototypeOf(log))
      .filter((name) => name !== 'constructor')
      .map((name) => [name, Reflect.get(log, name, log).bind(log)]),
  ) as unknown as SessionLog;

/** A log whose deliveries and answers a test can hold back, lose or forge, and counts. */
export class TappedLog {
  readonly log: SessionLog;
  readonly counts = { subscriptions: 0, heads: 0, reads: 0 };
  /** How often a feed said that nothing is delivered. */
  undelivered = 0;
  /** What becomes of a delivery; the default passes it on. */
  tap: (delivery: Delivery, pass: (delivery: Delivery) => void) => void = (delivery, pass) =>
    pass(delivery);
  /** Set to let head, read and subscribe fail. */
  fault: Error | null = null;
  /** Awaited by head and read before they ask, respectively before they answer. */
  beforeAnswer: () => Promise<void> = async () => {};
  readonly #listeners = new Set<(delivery: Delivery) => void>();

  constructor(inner: SessionLog) {
    const asked = async <T>(count: 'heads' | 'reads', ask: () => Promise<T>): Promise<T> => {
      this.counts[count] += 1;
      if (this.fault) throw this.fault;
      const answer = await ask();
      await this.beforeAnswer();
      return answer;
    };
    this.log = {
      ...methodsOf(inner),
      head: (session) => asked('heads', () => inner.head(session)),
      undelivered: () => {
        this.undelivered += 1;
      },
      read: (session, request) => asked('reads', () => inner.read(session, request)),
      subscribe: async (session, listener) => {
        if (this.fault) throw this.fault;
        this.counts.subscriptions += 1;
        this.#listeners.add(listener);
        const unsubscribe = await inner.subscribe(session, (delivery) =>
          this.tap(delivery, listener),
        );
        return () => {
          this.counts.subscriptions -= 1;
          this.#listeners.delete(listener);
          unsubscribe();
        };
      },
    };
  }

  /** Delivers to all subscribers, as if the log had. */
  deliver(delivery: Delivery): void {
    for (const listener of this.#listeners) listener(delivery);
  }
}
