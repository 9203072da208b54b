import { HoldfastError } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Agent, AgentContext } from '../contract/agent.ts';
import type { MaybePromise } from '../contract/maybe-promise.ts';
import { remoteChunks } from './remote-chunks.ts';
import { remoteAway, remoteFault, unreadable } from './remote-fault.ts';

/** The body of the request that a remote agent is sent, as JSON, with what the option `body` adds. */
export interface RemoteRequest<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Session that is to be answered. */
  readonly id: string;
  /** Run that waits for this answer: the same in each attempt of it. */
  readonly runId: string;
  /** Id of the assistant message that the answer is written into. */
  readonly messageId: string;
  /** What every client shows. The last one has `messageId` where the answer goes on, behind a tool's output. */
  readonly messages: readonly UI_MESSAGE[];
  /** See `AgentContext.trigger`. */
  readonly trigger: AgentContext['trigger'];
  /** Left out where the send had none. Checked by nobody. */
  readonly metadata?: unknown;
  /** Id of the participant who asked, as `authorize` gave it. */
  readonly participantId: string;
  /** Name of the agent, as clients see it. */
  readonly agentName: string;
}

/** Options of {@link remoteAgent}. */
export interface RemoteAgentOptions<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Where the agent is, by `http` or `https`. Redirects are not followed, since headers would go with them. */
  readonly url: string | URL;
  /**
   * Headers of each request, such as a key of the agent's; or a function of the run. Nothing of the user's request
   * is passed on by itself, no cookie and no token.
   * @default none
   */
  readonly headers?:
    | HeadersInit
    | ((context: AgentContext<UI_MESSAGE>) => MaybePromise<HeadersInit>);
  /**
   * More members for the body; or a function of the run. Those of {@link RemoteRequest} stay as they are. What a
   * page said with its send (`context.body`) goes along only where this function says so.
   * @default none
   */
  readonly body?:
    | Readonly<Record<string, unknown>>
    | ((context: AgentContext<UI_MESSAGE>) => MaybePromise<Readonly<Record<string, unknown>>>);
  /** Used in place of the global one, for example with an agent that trusts a certificate of yours. @default fetch */
  readonly fetch?: typeof fetch;
}

/**
 * An agent that runs elsewhere, in any language: a `POST` with {@link RemoteRequest} to `url`, answered by the AI
 * SDK's UI message stream as server-sent events. Chunks pass unchanged, of unknown kinds too. A stop closes the
 * request. The run fails, with words in the chat, where the agent cannot be reached, answers with another status than
 * 2xx or no event stream, sends what is no chunk or an event of more than 16 MB, or where the stream ends before
 * `[DONE]` or a chunk `finish`, `abort` or `error`. The request is made once, and never again by itself. Throws
 * `bad_request` for a `url` that is none.
 */
export function remoteAgent<UI_MESSAGE extends UIMessage = UIMessage>(
  options: RemoteAgentOptions<UI_MESSAGE>,
): Agent<UI_MESSAGE> {
  const url = checkedUrl(options.url);
  return async (context) => {
    const response = await ask(url, options, context);
    checkResponse(response);
    return remoteChunks(response, context.signal);
  };
}

function checkedUrl(given: string | URL): URL {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new HoldfastError(
    'bad_request',
    'unable to make a remote agent: `url` is none; give a whole one, with http or https',
  );
}

async function ask<UI_MESSAGE extends UIMessage>(
  url: URL,
  options: RemoteAgentOptions<UI_MESSAGE>,
  context: AgentContext<UI_MESSAGE>,
): Promise<Response> {
  const { signal } = context;
  const { headers: given, body: more, fetch: request = fetch } = options;
  const headers = new Headers(typeof given === 'function' ? await given(context) : given);
  headers.set('content-type', 'application/json');
  headers.set('accept', 'text/event-stream');
  const added = typeof more === 'function' ? await more(context) : more;
  const body = JSON.stringify({ ...added, ...requestOf(context) });
  signal.throwIfAborted();
  try {
    return await request(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
  } catch (cause) {
    signal.throwIfAborted();
    throw remoteAway('it does not answer', 'The agent cannot be reached. Try again later.', cause);
  }
}

const requestOf = <UI_MESSAGE extends UIMessage>(
  context: AgentContext<UI_MESSAGE>,
): RemoteRequest<UI_MESSAGE> => ({
  id: context.sessionId,
  runId: context.runId,
  messageId: context.messageId,
  messages: context.messages,
  trigger: context.trigger,
  ...(context.metadata === undefined ? {} : { metadata: context.metadata }),
  participantId: context.participant.id,
  agentName: context.agentName,
});

/** Throws for an answer that is no stream of chunks; what it is stays unread. */
function checkResponse(response: Response): void {
  try {
    const { status, headers } = response;
    if (status >= 300 && status < 400)
      throw remoteFault(
        `it answered with the redirect ${status}, which is not followed`,
        'give the address that it leads to as `url`',
        unreadable,
      );
    if (!response.ok)
      throw remoteFault(
        `it answered with the status ${status}`,
        'its own log says why',
        `The agent refused to answer (status ${status}).`,
      );
    if (!/^text\/event-stream\s*(;|$)/i.test(headers.get('content-type') ?? ''))
      throw remoteFault(
        'its answer is no event stream',
        'it has to answer with the AI SDK’s UI message stream, as text/event-stream',
        unreadable,
      );
    const version = headers.get('x-vercel-ai-ui-message-stream') ?? 'v1';
    if (version !== 'v1')
      throw remoteFault(
        'its stream is of another version than v1',
        'have it send the UI message stream v1 of the AI SDK',
        unreadable,
      );
  } catch (fault) {
    // Else its connection would stay open, and unread.
    void response.body?.cancel().catch(() => {});
    throw fault;
  }
}
