import type { ChatTransport, UIMessage } from 'ai';
import type { Stream } from './clients.ts';

export const question = (text: string): UIMessage => ({
  id: crypto.randomUUID(),
  role: 'user',
  parts: [{ type: 'text', text }],
});

/** As `useChat` does: a question behind what the chat shows. */
export const send = (
  transport: ChatTransport<UIMessage>,
  chatId: string,
  messages: UIMessage[],
): Promise<Stream> =>
  transport.sendMessages({
    trigger: 'submit-message',
    chatId,
    messageId: undefined,
    messages,
    abortSignal: undefined,
  });

export const textsOf = (messages: readonly UIMessage[]): readonly string[] =>
  messages.map(({ parts }) =>
    parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
  );
