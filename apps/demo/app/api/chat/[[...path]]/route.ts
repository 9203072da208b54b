import { toRouteHandlers } from '@holdfast/server/next';
import { agent } from '../../../../lib/agent.ts';
import { holdfast } from '../../../../lib/holdfast.ts';

export const { GET, POST, DELETE } = toRouteHandlers(holdfast, agent);
