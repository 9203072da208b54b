import { type ChatTransport, DefaultChatTransport, type UIMessage } from 'ai';

/** For `useChat({ id, messages, resume: true, transport })`. */
export const transportTo = (origin: string): ChatTransport<UIMessage> =>
  new DefaultChatTransport({ api: `${origin}/api/chat` });

/** What the Stop button calls, beside `chat.stop()`. */
export const stop = async (origin: string, id: string): Promise<void> => {
  await fetch(`${origin}/api/chat/${encodeURIComponent(id)}/stop`, { method: 'POST' });
};
