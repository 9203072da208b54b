import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';

/** For `useChat({ id, messages, transport })`, and beside it `useSession(chat, transport)`. */
export const transportTo = (origin: string): HoldfastChatTransport =>
  createChatTransport({ api: `${origin}/api/chat` });

/** What the Stop button calls; `stop` of `useSession` is the same. */
export const stop = async (transport: HoldfastChatTransport, id: string): Promise<void> => {
  await transport.cancel(id);
};
