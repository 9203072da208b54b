import type { Environment } from './environment.ts';
import { warnOnce } from './warnings.ts';

/** A host that opens sockets itself gives the first one when its client comes, which may be behind a send. */
const retryForMs = 3_000;

type State =
  | 'unknown'
  /** A client sent something that only a gateway can show. */
  | 'awaited'
  | 'there'
  /** Nobody is told any more. */
  | 'told';

/**
 * Knows whether somebody can show what a session in memory is told: only a gateway of the same process can. Where
 * sessions are in Redis a gateway may be anywhere, and the client says that it finds none.
 */
export class Reach {
  readonly #wait: Environment['wait'];
  #state: State = 'unknown';

  constructor({ wait }: Pick<Environment, 'wait'>) {
    this.#wait = wait;
  }

  /** A gateway is attached, or has a socket. */
  found(): void {
    if (this.#state !== 'told') this.#state = 'there';
  }

  /** Nothing is shown any more, and nobody need be told why. */
  close(): void {
    this.#state = 'told';
  }

  /** A client that follows by sockets sent something. */
  async sent(): Promise<void> {
    if (this.#state !== 'unknown') return;
    this.#state = 'awaited';
    await this.#wait(retryForMs);
    if ((this.#state as State) !== 'awaited') return;
    this.#state = 'told';
    warnOnce({
      code: 'HOLDFAST_GATEWAY',
      words:
        'messages arrive, but no gateway is attached in this process, and sessions in memory can be shown by no other: clients wait for answers that they cannot see. Call `holdfast.attach(server)` on the HTTP server; with Next, which serves no sockets, call `serveGateway(holdfast)` of @holdfast/server/node in instrumentation.ts. Or give `redis` and run a gateway of its own (docs/troubleshooting.md)',
    });
  }
}
