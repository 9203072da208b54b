import { type ChatTransport, DefaultChatTransport, type UIMessage } from 'ai';

/** For `useChat({ id, messages, transport })`. */
export const transportTo = (origin: string): ChatTransport<UIMessage> =>
  new DefaultChatTransport({ api: `${origin}/api/chat` });
