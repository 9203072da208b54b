export type { ClientToolCall, ClientTools } from '../sync/client-tools.ts';
export { type ReactiveSession, type SessionTransport, useSession } from './use-session.ts';
