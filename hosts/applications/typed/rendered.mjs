// The hook for React in a page that a server renders.
import { useChat } from '@ai-sdk/react';
import { createChatTransport } from '@holdfast/client';
import { useSession } from '@holdfast/client/react';
import { createElement, version } from 'react';
import { renderToString } from 'react-dom/server';

const transport = createChatTransport({ api: '/api/chat' });

function Chat() {
  const chat = useChat({ id: 'page', transport });
  const session = useSession(chat, transport);
  return createElement('output', null, `${chat.status} ${session.connection}`);
}

console.log(version, renderToString(createElement(Chat)));
