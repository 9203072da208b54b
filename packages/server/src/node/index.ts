import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UIMessage } from 'ai';
import { convert } from '../edge/incoming.ts';
import { unreadable } from '../edge/refusal.ts';
import { reply } from '../edge/reply.ts';
import { segmentsOf } from '../edge/target.ts';
import type { Holdfast } from '../holdfast.ts';
import type { Agents } from '../run/agents.ts';
import type { ClientTools } from '../run/client-tools.ts';

export interface NodeHandlerOptions<UI_MESSAGE extends UIMessage = UIMessage> {
  /** One, or several by name; not needed where workers execute runs (`dispatch`). */
  readonly agent?: Agents<UI_MESSAGE>;
  readonly agentName?: string;
  /** The tools of these agents that clients execute. @default those of `createHoldfast` */
  readonly clientTools?: ClientTools;
  /** Where the chat route lives. @default '/api/chat' */
  readonly api?: string;
}

/**
 * A listener for `http.createServer`, `http2`, Express or Fastify's raw server. Resolves to false,
 * without having touched the response, when the request is not for the chat route. Never rejects,
 * whatever the request is: one that cannot be read is answered 400, 405 or 501, one that somebody else
 * has answered meanwhile is left alone, and one whose client is gone is dropped.
 */
export function toNodeHandler<UI_MESSAGE extends UIMessage = UIMessage>(
  holdfast: Holdfast,
  { api = '/api/chat', ...options }: NodeHandlerOptions<UI_MESSAGE>,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<boolean> {
  if (options.agent) holdfast.register(options.agent, options.agentName);
  const mount = segmentsOf(api).filter((segment) => segment !== null);
  return async (incoming, outgoing) => {
    const converted = convert(incoming, mount, 'request');
    if (converted.kind === 'elsewhere') return false;
    const response =
      converted.kind === 'refused'
        ? unreadable(converted.status)
        : await holdfast.handle(converted.request, { ...options, path: converted.path });
    await reply(incoming, outgoing, response);
    return true;
  };
}
