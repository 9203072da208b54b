export type { ClientToolCall, ClientTools } from '../sync/client-tools.ts';
export {
  type ChatRefs,
  type SessionRefs,
  type SessionTransport,
  useSession,
} from './use-session.ts';
