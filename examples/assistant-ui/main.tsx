import { useChat } from '@ai-sdk/react';
import {
  AssistantRuntimeProvider,
  AuiIf,
  ComposerPrimitive,
  MessagePrimitive,
  ThreadPrimitive,
} from '@assistant-ui/react';
import { useAISDKRuntime } from '@assistant-ui/react-ai-sdk';
import { createChatTransport } from '@holdfast/client';
import { useSession } from '@holdfast/client/react';
import { createRoot } from 'react-dom/client';

const transport = createChatTransport();
const id = new URLSearchParams(location.search).get('chat') ?? 'chat';

/** The one difference: the chat follows its session, and the runtime shows what the chat shows. */
function Assistant() {
  const chat = useChat({ id, transport });
  useSession(chat, transport);
  const runtime = useAISDKRuntime(chat);
  return (
    <AssistantRuntimeProvider runtime={runtime}>
      <Thread />
    </AssistantRuntimeProvider>
  );
}

/** Stands for the components that `npx assistant-ui add thread` copies into an application. */
const Thread = () => (
  <ThreadPrimitive.Root>
    <ThreadPrimitive.Viewport>
      <ThreadPrimitive.Messages>{() => <Message />}</ThreadPrimitive.Messages>
    </ThreadPrimitive.Viewport>
    <ComposerPrimitive.Root>
      <ComposerPrimitive.Input placeholder="Ask" />
      <AuiIf condition={({ thread }) => !thread.isRunning}>
        <ComposerPrimitive.Send>Send</ComposerPrimitive.Send>
      </AuiIf>
      <AuiIf condition={({ thread }) => thread.isRunning}>
        <ComposerPrimitive.Cancel>Stop</ComposerPrimitive.Cancel>
      </AuiIf>
    </ComposerPrimitive.Root>
  </ThreadPrimitive.Root>
);

const Message = () => (
  <MessagePrimitive.Root data-testid="message">
    <MessagePrimitive.Parts />
  </MessagePrimitive.Root>
);

const root = document.getElementById('root');
if (root) createRoot(root).render(<Assistant />);
