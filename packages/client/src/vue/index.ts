export { type SessionRefs, type SessionTransport, useSession } from './use-session.ts';
