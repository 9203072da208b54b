import type { UIMessage } from 'ai';
import { after } from 'next/server.js';
import type { Holdfast } from '../holdfast.ts';
import type { Agents } from '../run/agents.ts';
import type { ClientTools } from '../run/client-tools.ts';

/** What Next gives a handler of a catch-all route such as `[[...path]]`. */
export interface CatchAllContext {
  readonly params: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

export type RouteHandler = (request: Request, context: CatchAllContext) => Promise<Response>;

export interface RouteHandlers {
  readonly GET: RouteHandler;
  readonly POST: RouteHandler;
  readonly DELETE: RouteHandler;
}

export interface RouteOptions {
  /** @default 'agent' */
  readonly agentName?: string;
  /** The tools of these agents that clients execute. @default those of `createHoldfast` */
  readonly clientTools?: ClientTools;
}

/**
 * The handlers of a chat route, for `app/…/[[...path]]/route.ts` under any name of the parameter.
 * Runs are handed to Next's `after`, so that they outlive the response and a shutdown waits for
 * them; the platform's `maxDuration` still bounds them. With `dispatch`, workers execute them, and the
 * route needs no agent.
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
      path: await pathOf(context),
      waitUntil: (work) => after(work),
    });
  return { GET: handler, POST: handler, DELETE: handler };
}

/** A route that is no catch-all has the one path, as it has no parameters, or none that are lists. */
const pathOf = async (context: CatchAllContext | undefined): Promise<readonly string[]> =>
  Object.values((await context?.params) ?? {}).find(Array.isArray) ?? [];
