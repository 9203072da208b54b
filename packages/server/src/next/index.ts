import type { Durability } from '@holdfast/log';
import type { UIMessage } from 'ai';
import { after } from 'next/server.js';
import type { ClientTools } from '../contract/client-tools.ts';
import type { HoldfastOptions } from '../contract/options.ts';
import { createHoldfast, type Holdfast } from '../holdfast.ts';
import type { StreamForm } from '../http/stream-response.ts';
import { processWide } from '../process-wide.ts';
import type { Agents } from '../runs/agents.ts';
import { warnOnce } from '../warnings.ts';
import { agentOfRoute, type StockRoute } from './agent-of-route.ts';

export type { StockRoute } from './agent-of-route.ts';

/** Parameters of a route, by their names. */
type Params = Readonly<Record<string, string | string[] | undefined>>;

/** The context that Next gives a handler of a catch-all route such as `[[...path]]`. */
export interface CatchAllContext {
  /** The parameters of the route; of the catch-all one, the path in segments. */
  readonly params: Promise<Params>;
}

/** A handler of a route of Next. It never rejects. */
export type RouteHandler = (request: Request, context: CatchAllContext) => Promise<Response>;

/** The exports of `route.ts`. */
export interface RouteHandlers {
  /** Answers for history, and for the stream of the live answer. */
  readonly GET: RouteHandler;
  /** Answers sends, and all other commands. */
  readonly POST: RouteHandler;
  /** Erases a session. */
  readonly DELETE: RouteHandler;
  /** Needed where pages of other origins (`origins`) use the route: Next's own would not let them in. */
  readonly OPTIONS: RouteHandler;
}

/** Options of `toRouteHandlers`. */
export interface RouteOptions {
  /**
   * Name of the agent, or of the one among several that answers where a send names none.
   * @default 'agent'
   */
  readonly agentName?: string;
  /** The tools of these agents that clients execute. @default those of `createHoldfast` */
  readonly clientTools?: ClientTools;
  /**
   * What stock clients read: the SDK's UI message stream, or `text`, the text of answers and nothing else, for
   * `TextStreamChatTransport`.
   * @default 'ui'
   */
  readonly stream?: StreamForm;
  /**
   * What sends through this route, and the entries of runs that they begin, have survived before they are acknowledged,
   * where that is more than the server's `durability`. Without Redis such sends fail as `internal`.
   * @default that of `createHoldfast`
   */
  readonly durability?: Durability;
}

/**
 * The handlers of a chat route, for `app/…/[[...path]]/route.ts` under any name of the parameter.
 * Runs are handed to Next's `after`, so that they outlive the response and a shutdown waits for
 * them; the platform's `maxDuration` still bounds them. With `dispatch`, workers execute them, and the
 * route needs no agent. A route that is no catch-all takes sends only, and a process warning says so once.
 */
export function toRouteHandlers<UI_MESSAGE extends UIMessage = UIMessage>(
  holdfast: Holdfast,
  agent?: Agents<UI_MESSAGE>,
  options: RouteOptions = {},
): RouteHandlers {
  if (agent) holdfast.register(agent, options.agentName);
  const handler: RouteHandler = async (request, context) =>
    await holdfast.handle(request, {
      ...options,
      agent,
      path: await pathOf(request, context),
      // Next ends its process behind the last of these: not before sockets have got the end of an answer.
      waitUntil: (work) => after(work.then(() => processWide().closing)),
    });
  return { GET: handler, POST: handler, DELETE: handler, OPTIONS: handler };
}

/**
 * The same for a chat route as the AI SDK documents it, which stays as it is: the route is asked once for each
 * answer, with the session's messages in the place of the client's list, the headers and the `body` of the send,
 * and a `signal` that fires on a stop. The answers of those requests are written into the session. Give the
 * options of a Holdfast of its own, or the one that a gateway serves as well. An answer that is no UI message stream,
 * or whose status is no success, fails the run. A run that waited in the queue has no headers.
 */
export function wrapRoute(
  route: StockRoute,
  holdfast: Holdfast | HoldfastOptions = {},
  options: RouteOptions = {},
): RouteHandlers {
  const whole = 'handle' in holdfast ? holdfast : createHoldfast(holdfast);
  return toRouteHandlers(whole, agentOfRoute(route), options);
}

/** A route that is no catch-all has the one path. */
async function pathOf(
  { url }: Request,
  context: CatchAllContext | undefined,
): Promise<readonly string[]> {
  const params: Params | undefined = await context?.params;
  const path = Object.values(params ?? {}).find(Array.isArray);
  if (!path && !mayBeCatchAll(url, params))
    warnOnce({
      code: 'HOLDFAST_ROUTE',
      words:
        'the chat route is no catch-all, so Next answers 404 where history, tools, the queue and the resuming of stock clients are asked for, and only sends arrive; ' +
        'move its route.ts into a folder [[...path]], as in app/api/chat/[[...path]]/route.ts',
    });
  return path ?? [];
}

/**
 * True when the route may be a catch-all that was asked for without a path. Next gives no parameters at all to
 * a route without any; the last segment of a URL that is a parameter's belongs to a folder such as `[id]`.
 */
const mayBeCatchAll = (url: string, params: Params | undefined): boolean =>
  params != null &&
  !Object.values(params).includes(new URL(url).pathname.split('/').findLast(Boolean));
