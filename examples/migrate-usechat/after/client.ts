import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';

/** For `useChat({ id, messages, transport })`, and beside it `useSession(chat, transport)`. */
export const transportTo = (origin: string): HoldfastChatTransport =>
  createChatTransport({ api: `${origin}/api/chat` });
