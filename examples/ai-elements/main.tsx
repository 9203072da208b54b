import { useChat } from '@ai-sdk/react';
import { createChatTransport } from '@holdfast/client';
import { useSession } from '@holdfast/client/react';
import { createRoot } from 'react-dom/client';
import {
  Conversation,
  ConversationContent,
  ConversationScrollButton,
} from './components/ai-elements/conversation.tsx';
import { Message, MessageContent, MessageResponse } from './components/ai-elements/message.tsx';
import {
  PromptInput,
  PromptInputSubmit,
  PromptInputTextarea,
} from './components/ai-elements/prompt-input.tsx';

const transport = createChatTransport();
const id = new URLSearchParams(location.search).get('chat') ?? 'chat';

/** The one difference: the chat follows its session, and the button stops it for everybody. */
function Chat() {
  const chat = useChat({ id, transport });
  const session = useSession(chat, transport);
  return (
    <>
      <Conversation style={{ height: '90vh' }}>
        <ConversationContent>
          {chat.messages.map(({ id, role, parts }) => (
            <Message from={role} key={id} data-testid="message">
              <MessageContent>
                {parts.map((part, at) =>
                  part.type === 'text' ? (
                    // biome-ignore lint/suspicious/noArrayIndexKey: parts are only ever added at the end
                    <MessageResponse key={at}>{part.text}</MessageResponse>
                  ) : null,
                )}
              </MessageContent>
            </Message>
          ))}
        </ConversationContent>
        <ConversationScrollButton />
      </Conversation>
      <PromptInput onSubmit={({ text }) => chat.sendMessage({ text })}>
        <PromptInputTextarea placeholder="Ask" />
        <PromptInputSubmit status={chat.status} onStop={session.stop} />
      </PromptInput>
    </>
  );
}

const root = document.getElementById('root');
if (root) createRoot(root).render(<Chat />);
