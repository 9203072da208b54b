export type { ClientToolCall, ClientTools } from '../sync/client-tools.ts';
export type { FollowedChat } from '../sync/following.ts';
export { type SessionHelpers, type SessionTransport, useSession } from './use-session.ts';
