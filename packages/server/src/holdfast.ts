import type { Server } from 'node:http';
import type { UIMessage } from 'ai';
import { attachNewest } from './attach-newest.ts';
import { inCleanContext } from './clean-context.ts';
import { type CloseOptions, close } from './close.ts';
import { closeOnSignals, type SignalOptions } from './close-on-signals.ts';
import { disconnect } from './commands/disconnect.ts';
import { createCore } from './compose.ts';
import type { Agent } from './contract/agent.ts';
import type { Job } from './contract/job.ts';
import type { HoldfastOptions } from './contract/options.ts';
import type { Core } from './core.ts';
import { warnOfNoAuthorize } from './development-only.ts';
import type { AttachOptions } from './gateway/attach.ts';
import { Gateway } from './gateway/gateway.ts';
import type { GatewaySocket } from './gateway/socket.ts';
import { type Health, type HealthOptions, healthOf } from './health.ts';
import { type HandleOptions, handleRequest } from './http/handler.ts';
import { membership } from './membership.ts';
import type { Revocation } from './rights/revocations.ts';
import { type Agents, agentsByName } from './runs/agents.ts';
import { type SessionHandle, sessionHandle } from './session-handle.ts';
import { giveUp, work } from './workers/work.ts';

/** The server side of Holdfast, as `createHoldfast` makes it. */
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
  /**
   * Serves the WebSocket gateway on an HTTP server. Returns what undoes it. In development, a copy of this module
   * that a hot reload has made takes over when it is first used, with its `authorize`.
   */
  attach(server: Server, options?: AttachOptions): () => void;
  /**
   * Takes an open socket of any host; `request` is the one that opened it, with its `Host` and `Origin`.
   * A foreign origin is closed with 4403, and a socket over `connections` with 1013. Never throws, also
   * where the socket does.
   */
  accept(socket: GatewaySocket, request: Request): void;
  /**
   * A session, for code on the server: its history, seeding, erasure. Throws `bad_request` for an
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
  /**
   * How this process is: whether the log answers and how fast, what it serves, what waits. Reads once from the log,
   * and is done within `timeoutMs` (default 1,000). Never rejects: a log that is away is told in `log`.
   */
  health(options?: HealthOptions): Promise<Health>;
  /** Sockets that are open, and streams of events. */
  readonly connections: number;
  /**
   * Takes no new work from now on: sends are answered `unavailable`, which clients repeat elsewhere, and sockets
   * are refused. Lets clients move on for `drainMs` (default 0) and runs of this process end (at most `runsMs`,
   * default 25,000), side by side; sockets that have not moved on stay until both are over. Then closes sockets,
   * streams and what nobody else in the process uses. Hooks that are under way get 5 s, and so does `dispatch` to close. Never rejects, and is the
   * same when it is called again.
   */
  close(options?: CloseOptions): Promise<void>;
  /**
   * Has SIGINT and SIGTERM close all that this process has of Holdfast, other copies of this module included, and
   * end the process. First no new work is taken, and answers that are being written may end (`runsMs`, default
   * 25,000), while their sockets and streams stay; then the rest is closed as by `close`, and the HTTP servers that
   * sockets were attached to. Two lines on the console tell of it. Another signal,
   * a second later or more, ends the process at once.
   */
  closeOnSignals(options?: SignalOptions): void;
}

/**
 * Creates the server side of Holdfast. Cheap and without effects until it is used, so that it may
 * stand at the top of a module; several of the same store in one process share it.
 */
export function createHoldfast(options: HoldfastOptions = {}): Holdfast {
  const core: Core = createCore(options);
  const gateway: Gateway = new Gateway(core, (request, route) =>
    handleRequest(core, gateway, request, route),
  );
  let checked: Promise<void> | undefined;
  const join = membership(core, gateway);
  /** Checks at the first use that the log can serve, for those who did not ask. */
  const check = () => {
    join();
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
      return handleRequest(core, gateway, request, handle);
    },
    register: (agents, name) => {
      join();
      for (const [each, agent] of agentsByName(agents, name))
        core.scheduler.register(each, agent as unknown as Agent);
    },
    work: (job) => work(core, job),
    giveUp: (job, reason) => giveUp(core, job, reason),
    attach: (server, attachOptions) => {
      check();
      core.reach?.found();
      return attachNewest(core, gateway, server, attachOptions);
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
    health: healthOf(core, gateway),
    get connections() {
      return gateway.size;
    },
    close: (closing) => close(core, gateway, closing),
    closeOnSignals,
  };
}
