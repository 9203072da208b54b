import { type RouteHandler, toRouteHandlers } from '@holdfast/server/next';
import { agent } from '../../../../lib/agent.ts';
import { forget } from '../../../../lib/archive.ts';
import { holdfast } from '../../../../lib/holdfast.ts';

const handlers = toRouteHandlers(holdfast, agent);
export const { GET, POST } = handlers;

/** Erasing a chat erases what the application itself has kept of it, too. */
export const DELETE: RouteHandler = async (request, context) => {
  const response = await handlers.DELETE(request, context);
  const { path } = await context.params;
  if (response.ok && typeof path?.[0] === 'string') await forget(path[0]);
  return response;
};
