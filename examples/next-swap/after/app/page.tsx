'use client';
import { useChat } from '@ai-sdk/react';
import { DefaultChatTransport } from '@holdfast/client/ai';
import { useState } from 'react';

const transport = new DefaultChatTransport({ api: '/api/chat' });

export default function Page() {
  const { messages, sendMessage, status, stop } = useChat({ transport });
  const [text, setText] = useState('');
  return (
    <main>
      {messages.map(({ id, role, parts }) => (
        <p key={id}>
          {role}: {parts.map((part) => (part.type === 'text' ? part.text : ''))}
        </p>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void sendMessage({ text });
          setText('');
        }}
      >
        <input value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit">Send</button>
        {status === 'streaming' && (
          <button type="button" onClick={() => void stop()}>
            Stop
          </button>
        )}
      </form>
    </main>
  );
}
