import { type RouteHandler, toRouteHandlers } from '@holdfast/server/next';
import { agents } from '../../../../lib/agents.ts';
import { forget } from '../../../../lib/archive.ts';
import { holdfast, onWorkers } from '../../../../lib/holdfast.ts';

const handlers = toRouteHandlers(holdfast, onWorkers ? undefined : agents);
export const { GET, POST } = handlers;

/** Erasing a chat erases what the application itself has kept of it, too. */
export const DELETE: RouteHandler = async (request, context) => {
  const response = await handlers.DELETE(request, context);
  const { path } = await context.params;
  if (response.ok && typeof path?.[0] === 'string') await forget(path[0]);
  return response;
};
