import type { CancelState, HoldfastError, Limits } from '@holdfast/protocol';
import { abortError } from './abort.ts';
import type { Observable } from './changes.ts';
import { Budget } from './connection/budget.ts';
import { Cancels, type CancelTarget } from './connection/cancels.ts';
import { Connection, type ConnectionOptions, type SessionFrame } from './connection/connection.ts';
import { networkError } from './connection/errors.ts';
import type { ConnectionStatus } from './connection/status.ts';
import type { Environment } from './environment.ts';
import { Session } from './session/session.ts';
import type { Wire } from './session/subscription.ts';

export interface SessionsOptions extends Omit<ConnectionOptions, 'user'> {
  readonly report: (error: unknown) => void;
}

/** Sessions that are not followed are remembered up to this many, oldest forgotten first. */
const remembered = 64;

/** All sessions of one transport, over one connection. */
export class Sessions {
  readonly #limits: Limits;
  readonly #environment: Environment;
  readonly #report: (error: unknown) => void;
  readonly #connection: Connection;
  readonly #cancels: Cancels;
  readonly #wire: Wire;
  readonly #sessions = new Map<string, Session>();

  constructor(options: SessionsOptions) {
    const { environment, limits, report } = options;
    this.#limits = limits;
    this.#environment = environment;
    this.#report = report;
    const budget = new Budget(limits, environment.now);
    const connection = new Connection({
      ...options,
      user: {
        greet: () => this.#greet(),
        receive: (frame, size) => this.#receive(frame, size),
        lost: () => this.#lost(),
        failed: (error) => this.#failed(error),
        report,
      },
    });
    this.#connection = connection;
    this.#wire = {
      want: () => connection.want(),
      send: (frame) => connection.send(frame),
      nextRequest: () => connection.nextRequest(),
      mayAcknowledge: () => budget.take(),
    };
    this.#cancels = new Cancels(this.#wire, environment);
  }

  get status(): Observable<ConnectionStatus> {
    return this.#connection.status;
  }

  /** Opens the socket while something is under way that will need it. */
  want(): () => void {
    return this.#connection.want();
  }

  get(id: string): Session {
    const known = this.#sessions.get(id);
    if (known) return known;
    for (const [old, session] of this.#sessions) {
      if (this.#sessions.size < remembered) break;
      if (session.isIdle) this.#sessions.delete(old);
    }
    const session = new Session({
      session: id,
      wire: this.#wire,
      limits: this.#limits,
      environment: this.#environment,
      report: this.#report,
    });
    this.#sessions.set(id, session);
    return session;
  }

  cancel(session: string, target: CancelTarget): Promise<CancelState> {
    return this.#cancels.request(session, target);
  }

  close(): void {
    const error = abortError('The transport was closed');
    for (const session of this.#sessions.values()) session.close(error);
    this.#cancels.fail(error);
    this.#connection.close();
  }

  /** Cancels go first: what they stop need not be read. */
  #greet(): void {
    this.#cancels.greet();
    for (const session of this.#sessions.values()) session.greet();
  }

  #receive(frame: SessionFrame, size: number): void {
    if (frame.t !== 'res') {
      this.#sessions.get(frame.s)?.receive(frame, size);
      return;
    }
    this.#cancels.receive(frame);
    for (const session of this.#sessions.values()) session.receive(frame, size);
  }

  #lost(): void {
    this.#cancels.lost();
    for (const session of this.#sessions.values()) session.lost();
  }

  #failed(cause: HoldfastError): void {
    const error = networkError(cause);
    this.#cancels.fail(error);
    for (const session of this.#sessions.values()) session.fail(error);
  }
}
