import type { Durability, FileStore, SessionLog } from '@holdfast/log';
import type { EncryptionOptions } from '@holdfast/log/encrypted';
import type { RedisLogOptions } from '@holdfast/log/redis';
import type { Limits, WhileBusy } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { AgentStreamOptions } from './agent.ts';
import type { ClientTools } from './client-tools.ts';
import type { Hooks } from './hooks.ts';
import type { Dispatch } from './job.ts';
import type { Load } from './load.ts';
import type { MaybePromise } from './maybe-promise.ts';
import type { Authorize, Participant } from './participant.ts';
import type { WritersOptions } from './writers.ts';

export type { WhileBusy } from '@holdfast/protocol';

/** `settle` or `keep`: see {@link HoldfastOptions.openCalls}. */
export type OpenCalls = 'settle' | 'keep';

/**
 * Decides for one send; `asked` is what its sender wishes, which is checked for its form only. Where it rejects, or
 * gives no policy, the send is answered with the `HoldfastError` or a fault, and nothing is written. Its time has no bound: the send waits.
 */
export type DecideWhileBusy = (send: {
  readonly sessionId: string;
  readonly participant: Participant;
  readonly asked: WhileBusy | undefined;
}) => MaybePromise<WhileBusy>;

/**
 * Told of every fault that no caller gets to see. Never given contents or credentials: an error is a copy
 * of its class with code, status, stack and causes, without words and members that may hold such. What it
 * throws or rejects with is told to the console and disturbs nothing.
 */
export type Report = (
  error: unknown,
  where: { readonly session?: string; readonly run?: string },
) => void;

/**
 * Decides on a message that a client wants to write, as it came: with which parts and members the session has
 * it, or null to refuse it, as `bad_request`. Asked for each send and again for its repetitions, of which the first
 * stands. Its time has no bound: the send waits.
 */
export type AcceptMessage = (asked: {
  /** Has an id, the role `user`, and parts that are objects; nothing else of it is checked. */
  readonly message: UIMessage;
  readonly participant: Participant;
  readonly sessionId: string;
}) => MaybePromise<UIMessage | null>;

/** The fate of a run whose process has died. */
export type OnLost = 'fail' | 'retry';

/**
 * Decides it for one run; `attempt` is the one that died, counted from 1. Where it rejects, gives neither, or takes
 * longer than `limits.authorizeMs`, `onError` is told, the run stays live, and it is asked again at the next look.
 */
export type DecideOnLost = (lost: {
  readonly sessionId: string;
  readonly runId: string;
  readonly agentName: string;
  readonly attempt: number;
}) => MaybePromise<OnLost>;

/** Options of {@link HoldfastOptions.files}. */
export interface FileLinkOptions {
  /** At least 32 characters that nobody can guess, the same in all processes. Another one ends all URLs. */
  readonly secret: string;
  /** How long a URL can be loaded, in ms. @default 3_600_000 (1 h) */
  readonly urlMs?: number;
}

/** Options of `createHoldfast`; all may be left out. Processes that share sessions need the same `prefix`, `encryption` and `limits`. */
export interface HoldfastOptions extends AgentStreamOptions {
  /**
   * A Redis or Valkey of 7.0 or later: a URL, or an `ioredis` instance or cluster whose settings are
   * taken over. Without it and without `log` the sessions live in this process's memory.
   */
  readonly redis?: RedisLogOptions['redis'] | undefined;
  /** A log of your own making, in place of `redis`; it is not closed with Holdfast. */
  readonly log?: SessionLog;
  /**
   * What every acknowledged write has survived by then. `redis`: what Redis survives as it is set up. `fsync`: it is
   * on disk. `{ replicas: 2 }`: so many replicas have it, and with `fsync: true` the disk, too. It is for `redis`, and
   * thrown at without it; a server that cannot give it makes `ready` reject, and sends are answered `unavailable`. A
   * route, `run` and `adopt` may ask for more.
   * @default 'redis'
   */
  readonly durability?: Durability | undefined;
  /** Starts every key and channel in Redis. @default 'holdfast' */
  readonly prefix?: string;
  /**
   * The decision who may do what. Without it everything is refused, except in development (`NODE_ENV` other than
   * `production`) to who comes from this machine and asks for a loopback host. May take `authorizeMs`.
   */
  readonly authorize?: Authorize;
  /**
   * Asked before work begins that a participant asked for a while ago and no request is there for: a send whose
   * turn has come, a run that a worker takes or another process takes over. Only `true` lets it begin; otherwise the
   * send is taken out, and the run ends as `failed`, with the reason `forbidden`. It is looked at again later
   * where the function rejects, or takes longer than `limits.authorizeMs`. `participant` is what `authorize` gave.
   * @default lets it begin
   */
  readonly stillAllowed?: (work: {
    readonly sessionId: string;
    readonly participant: Participant;
  }) => MaybePromise<boolean>;
  /**
   * Origins besides the server's own from which browsers may connect, e.g. `https://app.example`. Pages of others
   * are refused.
   * @default none
   */
  readonly origins?: readonly string[];
  /**
   * The treatment of a new message while the session has a live run. `parallel`: its run starts beside it, as
   * with the AI SDK's own transports. `reject`: it is refused as `busy`. `interrupt`: the live run is
   * stopped, and the new one starts when that has ended, with the partial answer in its history.
   * `rollback`: the same, without the partial answer. `queue`: it waits until its turn has come, also
   * over a crash; `merge`: the same, together with what the same participant has waiting; `latest`: in
   * the place of all that waits; `steer`: the model of the live run is given it, or else it is asked in its
   * turn. A function decides for each send.
   * @default 'parallel', and 'queue' or 'steer' for a send that asks for it
   */
  readonly whileBusy?: WhileBusy | DecideWhileBusy;
  /**
   * The tools that clients execute: their names, the agent's tools themselves (those without `execute` are
   * meant), or a function that gives either for each agent's name. Only their calls can be answered by clients
   * then, and also while the run that made them is live. A route's own `clientTools` goes before this.
   * @default every call that no run settles: once no run is live in its message, and never one for which an
   * approval was asked
   */
  readonly clientTools?: ClientTools;
  /** Kinds of data parts that clients may write, such as `data-place`. @default none */
  readonly clientData?: readonly `data-${string}`[];
  /**
   * Decides on each message of a client, in the place of the rule: text, files by a data URL or by `https` on a
   * public host, and `clientData`; {@link allowMessage} is that rule as a function. Its id and its role stay out of
   * reach; operators write no parts but these kinds in any case. A
   * `HoldfastError` that it throws is told to the client; anything else counts as a fault of the server.
   */
  readonly acceptMessage?: AcceptMessage;
  /**
   * The fate of client tool calls and approvals that nobody has answered when a new message comes.
   * `settle`: they end as an error, or as denied, for clients and models alike, because providers
   * refuse a prompt with a call that has no result. `keep`: they can still be answered; then leave them
   * out of the prompt, with `convertToModelMessages(messages, { ignoreIncompleteToolCalls: true })`.
   * @default 'settle'
   */
  readonly openCalls?: OpenCalls;
  /**
   * The fate of a run whose process has died. `fail`: it ends as `lost`, with what it has written.
   * `retry`: a process that has its agent runs that again, as the next attempt, which takes the place of
   * what was written. The agent is given the same messages; effects of its tools happen again.
   * @default 'fail'
   */
  readonly onLost?: OnLost | DecideOnLost;
  /** How often a run is tried before it is `failed`, with the reason `attempts`. @default 3 */
  readonly maxAttempts?: number;
  /**
   * How long an agent may give no chunk, in ms, before its run ends as `failed`, with the reason `stalled`, and with
   * what it has written; `signal` fires then. Longer than its slowest tool takes, unless that tool's progress is told in
   * chunks. Time in which the log takes nothing is not counted. A part of an engine's run rejects in that case.
   * @default for ever
   */
  readonly stallMs?: number;
  /**
   * For how long the words of answers are gathered, in ms: those that all runs of this process say meanwhile are written
   * together, for a fraction of the processor time. They are seen up to that much later; an answer's
   * first words, tool calls, data parts and ends wait for nothing, nor does what fills an entry. 0 to 1,000; anything
   * else throws `bad_request`.
   * @default 0: words are written as they are said
   */
  readonly gatherMs?: number;
  /**
   * How often in a row a message may go on by outputs of client tools alone. The next such send is refused as `limit`,
   * and `onError` is told: a tool that answers by itself, and a model that calls it again, would go on for ever. An
   * approval and a new message begin the count anew.
   * @default 50
   */
  readonly maxContinuations?: number;
  /**
   * Has runs that clients ask for executed by workers, in processes of their own, and not by the one that
   * took the request: `bullmqDispatch()` of `@holdfast/server/bullmq`, or a queue of yours. One that no worker
   * has begun within `dispatchMs` counts as lost. Closed with Holdfast.
   * @default they run in the process that took the request
   */
  readonly dispatch?: Dispatch | undefined;
  /**
   * Lets programs that are not JavaScript write runs, by requests of the chat route that are none of a browser's:
   * see docs/remote-agents.md. They have credentials of their own.
   * @default nobody: the route has no such paths
   */
  readonly writers?: WritersOptions | undefined;
  /**
   * How long an approval may wait, in ms: then it is denied, and a run goes on with that, in a process
   * that has the agent (within 5 s of the time). `participant` is then `{ id: 'holdfast', role: 'agent' }`.
   * @default for ever
   */
  readonly approvalMs?: number;
  /**
   * Limits in place of the defaults. `Limits` says of each its unit, and what happens to who meets it.
   * @default the defaults of PROTOCOL.md section 14
   */
  readonly limits?: Partial<Limits>;
  /**
   * Signs the URLs of files, for applications that know their users by a token: an `<img>` sends none. Whoever has
   * such a URL may load the files of its session for `urlMs`.
   * @default not signed: the cookie of the page is asked for
   */
  readonly files?: FileLinkOptions | undefined;
  /**
   * Gives the history of a session that the log does not have: one that has expired, or is older than Holdfast, or
   * begins with a greeting. The model is then given what the user sees. See {@link Load}.
   * @default such a session begins empty
   */
  readonly load?: Load;
  /**
   * Makes the ids of answers, for databases that take only ids of their own form: `() => crypto.randomUUID()`. Another one
   * each time, of 1 to 256 characters; else the send fails as `internal`, and nothing is written. Ids of users'
   * messages are their clients': `useChat` has an option `generateId` too.
   * @default 22 letters, digits, `-` and `_`
   */
  readonly generateId?: (() => string) | undefined;
  /** Hooks that keep a store of your own up to date. @default none */
  readonly hooks?: Hooks;
  /**
   * Encrypts all that the log stores with AES-256-GCM, bound to where it stands. The first key encrypts
   * and every one decrypts: a new key goes behind, then in front, and an old one leaves when its sessions
   * have ended. Limits count texts as they are without encryption.
   * @default none: all is stored as it is
   */
  readonly encryption?: EncryptionOptions;
  /**
   * Where the bytes of files and large values lie: any object with the members of `unstorage`'s `Storage`, whose drivers
   * reach file systems and S3. All processes need the same one. Encrypted where the log is, counted, and erased with
   * the session that is deleted; what a session leaves whose time has passed, a rule of the store has to remove. While it is
   * away, what needs a file is refused as `unavailable`; when it is full, as `full`. It is not closed with Holdfast.
   * @default the log
   */
  readonly fileStore?: FileStore;
  /**
   * Gives the text that users see when an agent fails. Where it throws, or gives no text, they see the default, and
   * `onError` is told of what it threw.
   * @default 'An error occurred.', or the words of a fault that has words for users
   */
  readonly errorText?: (error: unknown) => string;
  /**
   * Told of every fault that no caller gets to see.
   * @default writes each kind of fault to `console.error` once; give your own to be told of each
   */
  readonly onError?: Report;
}
