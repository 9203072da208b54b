import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai';
import type { Schedule } from '../schedule.ts';

/** One open page of one chat, with a client of its own, as in a browser. */
export interface Page {
  /** Does what a page with `resume: true` does when it opens; null when no answer is live. */
  open(): Promise<ReadableStream<UIMessageChunk> | null>;
  /** Sends a user's message, and asks for this answer to it. */
  send(schedule: Schedule): Promise<ReadableStream<UIMessageChunk>>;
  /** Stops the answer that is under way; null where there is no such command. */
  readonly stop: (() => Promise<unknown>) | null;
  /** Messages of the wire that came so far; null where every chunk is one. */
  readonly frames: number | null;
  close(): void;
}

export type OpenPage = (origin: string, chatId: string) => Page;

let lastMessage = 0;

export function newMessage(): UIMessage {
  const id = `m${process.pid}-${++lastMessage}`;
  return { id, role: 'user', parts: [{ type: 'text', text: 'Tell me a story.' }] };
}

/** The arguments with which `useChat` calls a transport for a new message behind those that it shows. */
export function sendArguments(
  chatId: string,
  schedule: Schedule,
  messages: UIMessage[] = [newMessage()],
): Parameters<ChatTransport<UIMessage>['sendMessages']>[0] {
  return {
    chatId,
    trigger: 'submit-message',
    messageId: undefined,
    messages,
    abortSignal: undefined,
    body: { schedule },
  };
}
