import type { Environment } from './environment.ts';
import { warnOnce } from './warnings.ts';

/**
 * A host that opens sockets itself gives the first one when its client comes, which may be behind a send. A client
 * without one comes by HTTP, 2.5 s later and more where it was given no answer.
 */
const retryForMs = 6_000;

type State =
  | 'unknown'
  /** A client sent something, and nothing shows it yet. */
  | 'awaited'
  | 'there'
  /** Nobody is told any more. */
  | 'told';

/**
 * Knows whether somebody can show what a session in memory is told: only a gateway or a stream of events of the same process can. Where
 * sessions are in Redis a gateway may be anywhere, and the client says that it finds none.
 */
export class Reach {
  readonly #wait: Environment['wait'];
  #state: State = 'unknown';

  constructor({ wait }: Pick<Environment, 'wait'>) {
    this.#wait = wait;
  }

  /** A gateway is attached or has a socket, or a session is followed over HTTP. */
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
        'messages arrive, but no gateway is attached in this process and nobody follows their sessions over HTTP, and sessions in memory can be shown by no other process: clients wait for answers that they cannot see. Have the route serve `GET {api}/{id}/events` too; or call `holdfast.attach(server)` on the HTTP server, with Next `serveGateway(holdfast)` of @holdfast/server/node in instrumentation.ts; or give `redis` (docs/troubleshooting.md)',
    });
  }
}
