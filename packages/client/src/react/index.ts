export { type SessionHelpers, type SessionTransport, useSession } from './use-session.ts';
