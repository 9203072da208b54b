import type { SessionLog } from '@holdfast/log';
import type { RedisLogOptions } from '@holdfast/log/redis';
import type { Author, Limits } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { AgentResult, AgentStreamOptions } from './run/agent-stream.ts';

type MaybePromise<T> = T | Promise<T>;

/** Who acts, as the application knows them. */
export interface Participant {
  /** Stable and unique among the application's users. */
  readonly id: string;
  /** @default 'user' */
  readonly role?: Author['role'];
  /** How long the credentials are good for, in ms; the client is asked for new ones before. */
  readonly expiresInMs?: number;
}

/**
 * A question to the application: may the holder of these credentials do this?
 * `connect` comes once per socket and names no session.
 */
export type AuthorizeRequest = {
  /** The HTTP request, or the one that opened the socket; without a body. */
  readonly request: Request;
  /** What the client's `token` option gave; undefined for those that rely on cookies or headers. */
  readonly token: string | undefined;
} & (
  | { readonly action: 'connect'; readonly sessionId: null }
  | { readonly action: 'read' | 'send' | 'cancel' | 'delete'; readonly sessionId: string }
);

/** Gives the participant, or nothing to refuse. A rejection counts as a fault, not as a refusal. */
export type Authorize = (
  request: AuthorizeRequest,
) => MaybePromise<Participant | null | undefined | false>;

/** What an agent is told about the run that it is asked for. */
export interface AgentContext<UI_MESSAGE extends UIMessage = UIMessage> {
  readonly sessionId: string;
  readonly runId: string;
  /** Id of the assistant message that this run writes into. */
  readonly messageId: string;
  /** The session's messages as every client shows them, folded by the AI SDK's reducer. */
  readonly messages: UI_MESSAGE[];
  readonly trigger: 'submit-message' | 'regenerate-message';
  readonly participant: Participant;
  /** Fires when the run is stopped. Hand it to the model; the request's own signal means nothing. */
  readonly signal: AbortSignal;
  /** The request's `metadata` option; checked by nobody. */
  readonly metadata: unknown;
  /** The transport's and the call's `body` options; checked by nobody. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
  readonly request: Request;
}

/** Answers a session: see {@link AgentResult} for what it may return. */
export type Agent<UI_MESSAGE extends UIMessage = UIMessage> = (
  context: AgentContext<UI_MESSAGE>,
) => MaybePromise<AgentResult>;

/** Told of every fault that no caller gets to see. Never given contents or credentials. */
export type Report = (
  error: unknown,
  where: { readonly session?: string; readonly run?: string },
) => void;

export interface HoldfastOptions extends AgentStreamOptions {
  /**
   * A Redis or Valkey of 7.0 or later: a URL, or an `ioredis` instance or cluster whose settings are
   * taken over. Without it and without `log` the sessions live in this process's memory.
   */
  readonly redis?: RedisLogOptions['redis'] | undefined;
  /** A log of your own making, in place of `redis`; it is not closed with Holdfast. */
  readonly log?: SessionLog;
  /** Starts every key and channel in Redis. @default 'holdfast' */
  readonly prefix?: string;
  /**
   * Who may do what. Without it everything is refused, except in development
   * (`NODE_ENV` other than `production`) to requests for a loopback host.
   */
  readonly authorize?: Authorize;
  /** Origins besides the server's own from which browsers may connect, e.g. `https://app.example`. */
  readonly origins?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Gives the text that users see when an agent fails. @default 'An error occurred.' */
  readonly errorText?: (error: unknown) => string;
  /** @default writes to `console.error` */
  readonly onError?: Report;
}
