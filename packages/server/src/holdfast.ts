import type { Server } from 'node:http';
import type { UIMessage } from 'ai';
import { inCleanContext } from './clean-context.ts';
import { type CloseOptions, close } from './close.ts';
import { type Core, createCore } from './core.ts';
import { warnOfNoAuthorize } from './development-only.ts';
import { type AttachOptions, attach } from './gateway/attach.ts';
import { Gateway } from './gateway/gateway.ts';
import type { GatewaySocket } from './gateway/socket.ts';
import { type HandleOptions, handleRequest } from './http/handler.ts';
import type { Agent, HoldfastOptions } from './options.ts';
import { disconnect } from './rights/disconnect.ts';
import type { Revocation } from './rights/revocations.ts';
import { type Agents, agentsByName } from './run/agents.ts';
import { type SessionHandle, sessionHandle } from './session/handle.ts';
import type { Job } from './work/job.ts';
import { giveUp, work } from './work/work.ts';

export interface Holdfast {
  /**
   * Resolves when the log can serve. Rejects with `unavailable` when it cannot be reached, or with
   * words that say what is wrong with it. Calling it at start is optional and recommended.
   */
  ready(): Promise<void>;
  /** Answers one HTTP request of the chat route; never rejects. */
  handle<UI_MESSAGE extends UIMessage>(
    request: Request,
    options: HandleOptions<UI_MESSAGE>,
  ): Promise<Response>;
  /**
   * Says that this process can run the agent, or several by name: sends that wait in queues are started
   * here too, also before the first request and after a crash. A route of `/next`, and `handle`, do it
   * themselves. `name` is the route's `agentName`, by default `agent`.
   */
  register<UI_MESSAGE extends UIMessage>(agent: Agents<UI_MESSAGE>, name?: string): void;
  /**
   * Executes a job of {@link HoldfastOptions.dispatch} with an agent that is registered here. Resolves when
   * the run has ended, and at once when that is done, or another process is at it. Rejects, with the run
   * left to others, with `not_found` when there is no such agent here, with `bad_request` for what is no job
   * or one of a later version, and with `unavailable`; the job is then to be tried again.
   */
  work(job: Job): Promise<void>;
  /**
   * Ends the run of a job that nobody can do, as `failed` with that reason: at most 64 characters, told to
   * clients. Does nothing when it has ended or somebody is at it. Rejects with `unavailable`.
   */
  giveUp(job: Job, reason: string): Promise<void>;
  /** Serves the WebSocket gateway on an HTTP server. Returns what undoes it. */
  attach(server: Server, options?: AttachOptions): () => void;
  /**
   * Takes an open socket of any host; `request` is the one that opened it, with its `Host` and `Origin`.
   * A foreign origin is closed with 4403, and a socket over `connections` with 1013. Never throws, also
   * where the socket does.
   */
  accept(socket: GatewaySocket, request: Request): void;
  /**
   * One session, for code on the server: its history, seeding, erasure. Throws `bad_request` for an
   * id that no session can have.
   */
  session<UI_MESSAGE extends UIMessage = UIMessage>(id: string): SessionHandle<UI_MESSAGE>;
  /**
   * Ends what was granted: the participant's sockets, what it follows in the session, or what everybody
   * follows there, on all nodes within 2 s, open HTTP streams included. Clients are told `closed: forbidden`. Call
   * it behind a change of what `authorize` answers: who is still allowed comes back. In a named session the
   * sends of the participant that wait are taken out as well; runs go on (stop them). Rejects with `bad_request`
   * when neither is named, and with `unavailable` when other nodes could not be told: then call it again.
   */
  disconnect(who: Revocation): Promise<void>;
  /** Sockets that are open. */
  readonly connections: number;
  /**
   * Takes no new work from now on: sends are answered `unavailable`, which clients repeat elsewhere, and sockets
   * are refused. Lets clients move on for `drainMs` (default 0) and runs of this process end (at most `runsMs`,
   * default 10,000), side by side; then closes sockets, streams and what nobody else in the process uses. Hooks
   * that are under way get 5 s. Never rejects, and is the same when it is called again.
   */
  close(options?: CloseOptions): Promise<void>;
}

/**
 * Creates the server side of Holdfast. Cheap and without effects until it is used, so that it may
 * stand at the top of a module; several of the same store in one process share it.
 */
export function createHoldfast(options: HoldfastOptions = {}): Holdfast {
  const core: Core = createCore(options);
  const gateway = new Gateway(core);
  let checked: Promise<void> | undefined;
  /** Whoever did not ask whether the log can serve is told at the first use that it cannot. */
  const check = () => {
    if (!options.authorize) warnOfNoAuthorize();
    checked ??= inCleanContext(() => core.log.ready()).catch((error: unknown) =>
      core.report(error, {}),
    );
  };
  return {
    ready: () => {
      checked = core.log.ready();
      return checked;
    },
    handle: (request, handle) => {
      check();
      return handleRequest(core, request, handle);
    },
    register: (agents, name) => {
      for (const [each, agent] of agentsByName(agents, name))
        core.dispatcher.register(each, agent as unknown as Agent);
    },
    work: (job) => work(core, job),
    giveUp: (job, reason) => giveUp(core, job, reason),
    attach: (server, attachOptions) => {
      check();
      core.reach?.found();
      return attach(core, gateway, server, attachOptions);
    },
    accept: (socket, request) => {
      check();
      core.reach?.found();
      gateway.accept(socket, request);
    },
    session: (id) => {
      check();
      return sessionHandle(core, id);
    },
    disconnect: (who) => disconnect(core, who),
    get connections() {
      return gateway.size;
    },
    close: (closing) => close(core, gateway, closing),
  };
}
