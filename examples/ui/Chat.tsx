import { useChat } from '@ai-sdk/react';
import { createChatTransport } from '@holdfast/client';
import { useSession } from '@holdfast/client/react';
import { lastAssistantMessageIsCompleteWithToolCalls } from 'ai';
import { type SubmitEvent, useState } from 'react';
import type { ChatMessage } from './agent.ts';

// Once, outside the component: all chats of a page share one connection.
const transport = createChatTransport<ChatMessage>({ api: '/api/chat' });

const wordsOf = (part: ChatMessage['parts'][number]): string => {
  if (part.type === 'text') return part.text;
  return part.type === 'tool-timeZone' ? `(${part.output ?? '…'}) ` : '';
};
const textOf = ({ parts }: { parts: readonly unknown[] }) =>
  (parts as ChatMessage['parts']).map(wordsOf).join('');

export function Chat({ id }: { id: string }) {
  const chat = useChat<ChatMessage>({
    id,
    transport,
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
  });
  const session = useSession(chat, transport, {
    tools: { timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone },
  });
  const [text, setText] = useState('');
  const [problem, setProblem] = useState('');
  const isBusy = session.runs.some(({ state }) => state === 'running');

  /** Hands over what was typed, and says what went wrong with it. */
  async function give(to: (text: string) => Promise<unknown>) {
    setText('');
    setProblem('');
    await to(text).catch((error: Error) => setProblem(error.message));
  }
  function submit(event: SubmitEvent) {
    event.preventDefault();
    void give((text) => chat.sendMessage({ text }));
  }

  return (
    <main>
      {session.hasOlder && (
        <button type="button" onClick={() => void give(() => session.loadOlder())}>
          Older messages
        </button>
      )}
      {chat.messages.map((message) => (
        <p key={message.id} data-testid="message">
          {textOf(message)}
        </p>
      ))}
      <ol>
        {session.queue.map(({ id, messages }) => (
          <li key={id}>
            {messages.map(textOf).join()}{' '}
            <button type="button" onClick={() => void session.arrange({ remove: [id] })}>
              Remove
            </button>
          </li>
        ))}
      </ol>
      <form onSubmit={submit}>
        <input placeholder="Ask" value={text} onChange={(event) => setText(event.target.value)} />
        {!isBusy && <button type="submit">Send</button>}
        {isBusy && (
          <>
            <button type="button" onClick={() => void give((text) => session.enqueue(text))}>
              Ask next
            </button>
            <button
              type="button"
              onClick={() => void give((text) => session.steer(text, { otherwise: 'queue' }))}
            >
              Steer
            </button>
            <button type="button" onClick={() => void session.stop()}>
              Stop
            </button>
          </>
        )}
      </form>
      <p role="status">{chat.error?.message || problem || session.connection}</p>
    </main>
  );
}
