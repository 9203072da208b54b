export type { FollowedChat } from '../sync/following.ts';
export { type SessionHelpers, type SessionTransport, useSession } from './use-session.ts';
