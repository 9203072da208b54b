import { useChat } from '@ai-sdk/react';
import { createChatTransport } from '@holdfast/client';
import { useSession } from '@holdfast/client/react';
import { createRoot } from 'react-dom/client';

const transport = createChatTransport({ api: '/api/chat' });

function Chat({ id }) {
  const chat = useChat({ id, transport });
  useSession(chat, transport);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        chat.sendMessage({ text: 'Does it work?' });
      }}
    >
      <output>{chat.status}</output>
      <button type="submit">Send</button>
    </form>
  );
}

createRoot(document.getElementById('root')).render(<Chat id="page" />);
