import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Durability } from '@holdfast/log';
import type { UIMessage } from 'ai';
import type { ClientTools } from '../contract/client-tools.ts';
import { convert } from '../edge/incoming.ts';
import { unreadable } from '../edge/refusal.ts';
import { reply } from '../edge/reply.ts';
import { segmentsOf } from '../edge/target.ts';
import type { Holdfast } from '../holdfast.ts';
import type { StreamForm } from '../http/stream-response.ts';
import type { Agents } from '../runs/agents.ts';
import { warnOfMount } from './warn-of-mount.ts';

export {
  type ServedGateway,
  type ServeGatewayOptions,
  serveGateway,
} from './serve-gateway.ts';

/** Options of `toNodeHandler`. */
export interface NodeHandlerOptions<UI_MESSAGE extends UIMessage = UIMessage> {
  /** The agent, or several by name; not needed where workers execute runs (`dispatch`). */
  readonly agent?: Agents<UI_MESSAGE>;
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
  /** Where the chat route lives, as its clients see it. @default '/api/chat' */
  readonly api?: string;
}

/** The handler that {@link toNodeHandler} makes. Never rejects. */
export interface NodeHandler {
  /** Resolves to false, without having touched the response, when the request is not for the chat route. */
  (incoming: IncomingMessage, outgoing: ServerResponse): Promise<boolean>;
  /** As a middleware: calls `next` when the request is not for the chat route. */
  (incoming: IncomingMessage, outgoing: ServerResponse, next: () => void): Promise<void>;
}

/**
 * A listener for `http.createServer` and `http2`, and a middleware for Express and its like: with
 * `app.use(handler)` or `app.use('/api/chat', handler)`, before body parsers or behind them. Whatever the
 * request is, the handler does not reject: one that cannot be read is answered 400, 405 or 501, one that
 * somebody else has answered meanwhile is left alone, and one whose client is gone is dropped.
 */
export function toNodeHandler<UI_MESSAGE extends UIMessage = UIMessage>(
  holdfast: Holdfast,
  { api = '/api/chat', ...options }: NodeHandlerOptions<UI_MESSAGE>,
): NodeHandler {
  if (options.agent) holdfast.register(options.agent, options.agentName);
  const mount = segmentsOf(api).filter((segment) => segment !== null);
  const handle = async (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    next?: () => void,
  ): Promise<boolean> => {
    const converted = convert(incoming, mount, 'request');
    if (converted.kind === 'elsewhere') {
      warnOfMount(incoming, api);
      next?.();
      return false;
    }
    const response =
      converted.kind === 'refused'
        ? unreadable(converted.status)
        : await holdfast.handle(converted.request, { ...options, path: converted.path });
    await reply(incoming, outgoing, response);
    return true;
  };
  return handle as NodeHandler;
}
