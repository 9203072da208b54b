export {
  type ChatRefs,
  type SessionRefs,
  type SessionTransport,
  useSession,
} from './use-session.ts';
