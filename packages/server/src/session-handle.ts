import {
  type Author,
  formatPosition,
  HoldfastError,
  isSessionId,
  type Message,
  type RunInfo,
  type Writers,
} from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { eraseSession } from './commands/erase.ts';
import { handOffByServer } from './commands/handoff.ts';
import { beginLoaded, readLoaded } from './commands/load.ts';
import { seedSession } from './commands/seed.ts';
import {
  runInSession,
  type SessionRun,
  type SessionRunOptions,
} from './commands/send/session-run.ts';
import type { Agent } from './contract/agent.ts';
import type { Core } from './core.ts';
import { type AdoptOptions, adoptRun } from './engines/adopt.ts';
import type { AdoptedRun } from './engines/adopted-run.ts';
import { type Filling, filledMessages, ofPage, shownAt, wholeOf } from './files/filled.ts';
import { newestOf, olderThan } from './session/history.ts';

import { readLimit } from './session/page-limit.ts';

/** A page of history, oldest message first. */
export interface HistoryPage<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Oldest first, as clients see them. Copies: what is changed in them changes nothing. */
  readonly messages: UI_MESSAGE[];
  /** Their writers by message id, as far as the server knows: no client has a say in it. */
  readonly authors: Writers;
  /** Give it to `messages` for what is older; null when nothing is. Opaque. */
  readonly before: string | null;
}

/** The newest page, as the session is at one position. */
export interface SessionState<UI_MESSAGE extends UIMessage = UIMessage>
  extends HistoryPage<UI_MESSAGE> {
  /** Live runs, and those of the last message. A live run's message is among `messages`, as it is so far. */
  readonly runs: readonly RunInfo[];
  /** The position that the page shows. A client that follows from it misses nothing. */
  readonly position: string;
}

/** Which page of history is asked for. */
export interface PageRequest {
  /** The cursor of an earlier page; absent for the newest one. */
  readonly before?: string | null | undefined;
  /** Messages of the page. @default 20, at most 200: `pageMessages` and `pageLimit` */
  readonly limit?: number | undefined;
}

/** What `state` is asked for. */
export interface StateRequest extends Pick<PageRequest, 'limit'> {
  /** The chat route as pages see it: URLs of files are below it. @default '/api/chat' */
  readonly api?: string | undefined;
}

/**
 * A session, for code on the server. Nothing here asks `authorize`: ask it yourself where a visitor
 * is behind the call. Every method rejects with a `HoldfastError`, `unavailable` when the log cannot
 * be reached.
 */
export interface SessionHandle<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Id of the session. */
  readonly id: string;
  /**
   * The newest page with what is live; for rendering a page on the server. Of a session that does not exist it is
   * empty, where `load` gives nothing. Files have URLs of the chat route. Rejects as `bad_request` for a limit that is
   * not of 1 to `pageLimit`.
   */
  state(request?: StateRequest): Promise<SessionState<UI_MESSAGE>>;
  /**
   * A page of history, with all data: files as data URLs. Rejects as `bad_request` for a cursor of another session, and as `conflict`
   * when the cursor's message was cut off meanwhile.
   */
  messages(request?: PageRequest): Promise<HistoryPage<UI_MESSAGE>>;
  /**
   * Begins the session with messages from a store of your own, and with who wrote them, as hooks told it: `seeded`, or `exists` when the session
   * is there already and begins with the same message; then it is left as it is. Rejects as
   * `bad_request` for messages that are no valid `UIMessage`s or share an id, as `conflict` when the
   * session began with another message, and as `full`. Nothing is written then.
   */
  seed(messages: readonly UI_MESSAGE[], authors?: Writers): Promise<'seeded' | 'exists'>;
  /**
   * Runs an agent in this process, beside whatever else runs in the session; see {@link SessionRunOptions}.
   * Resolves when it has ended, however it did; a stop fires the agent's signal. Rejects, before a run has begun,
   * with `bad_request`, with `conflict` when the parent has ended, with `full` or `unavailable`, the latter also
   * once the process closes: closing waits for those that have begun, at most `runsMs`. Where the log left it open
   * whether it has the run, that is `unavailable` too, and the run goes on in this process as soon as it is known to be
   * there: repeat it with the same `command`.
   */
  run(options: SessionRunOptions, agent: Agent<UI_MESSAGE>): Promise<SessionRun>;
  /**
   * Begins a run that a durable engine drives over several processes (a workflow, Temporal), or goes on with
   * it: `command` names it. `use` has it until it settles, and then nobody until it is adopted again; see
   * {@link AdoptedRun}. Resolves and rejects as `use` does; before that with `bad_request`, with `conflict`
   * when the parent has ended, with `full` or `unavailable`.
   */
  adopt<T>(options: AdoptOptions, use: (run: AdoptedRun<UI_MESSAGE>) => Promise<T>): Promise<T>;
  /**
   * Has the agents pause until an operator has answered, as an agent does that knows no further: the first
   * operator who takes over has the session (`operators`); or has them go on (`agents`). An operator who
   * answers already stays. A run that is live goes on. Resolves with who answers then: `operators` stands
   * for whoever comes. Rejects with `full` or `unavailable`.
   */
  handOff(to: 'operators' | 'agents'): Promise<Author | null>;
  /**
   * Erases all that there is of the session; false when there was nothing (HF-LOG-32). Runs that are live end, and
   * followers are told `closed: deleted`.
   */
  delete(): Promise<boolean>;
}

/** Code on the server, for which no participant stands. */
const asServer = { participant: { id: 'holdfast', role: 'agent' }, isServer: true } as const;

export function sessionHandle<UI_MESSAGE extends UIMessage>(
  core: Core,
  id: string,
): SessionHandle<UI_MESSAGE> {
  if (!isSessionId(id))
    throw new HoldfastError(
      'bad_request',
      'unable to use the session: its id must be 1 to 128 letters, digits, `_` or `-`',
    );
  const whole = wholeOf(core.fileTexts, id);
  const filledBy = async (filling: Filling, messages: readonly Message[]): Promise<UI_MESSAGE[]> =>
    // The application chose the type of its messages.
    [...(await filledMessages(filling, messages))] as unknown as UI_MESSAGE[];
  return {
    id,
    state: ({ limit, api = '/api/chat' } = {}) =>
      core.hubs.use(id, async (hub) => {
        const read = () => newestOf(hub, readLimit(limit, core.limits));
        const { position, ...newest } = await readLoaded(core, hub, asServer, read);
        return {
          messages: await filledBy(ofPage(shownAt(whole, api)), newest.messages),
          authors: newest.authors,
          before: newest.before,
          runs: newest.runs,
          position: formatPosition(position),
        };
      }),
    messages: async ({ before: cursor, limit } = {}) => {
      const count = readLimit(limit, core.limits);
      const isNewest = cursor === null || cursor === undefined;
      const { messages, authors, before } = await core.hubs.use(id, async (hub) => {
        if (isNewest) return await readLoaded(core, hub, asServer, () => newestOf(hub, count));
        await core.loader?.begin(hub, asServer);
        return await olderThan(hub, cursor, count);
      });
      return { messages: await filledBy(whole, messages), authors, before };
    },
    seed: (messages, authors = {}) =>
      seedSession(core, id, messages as unknown as readonly Message[], authors),
    run: async (options, agent) => {
      core.lifecycle.takeWork();
      return await runInSession(core, id, options, agent);
    },
    adopt: async (options, use) => {
      core.lifecycle.takeWork();
      return await adoptRun(core, id, options, use);
    },
    handOff: async (to) => {
      await beginLoaded(core, id, asServer);
      return (await handOffByServer(core, id, to, asServer.participant)).operator;
    },
    delete: () => eraseSession(core, id),
  };
}
