export { type ReactiveSession, type SessionTransport, useSession } from './use-session.ts';
