// Stands for what `npx ai-elements add conversation` copies into an application.
import { StickToBottom, useStickToBottomContext } from 'use-stick-to-bottom';

/** The log of the chat, which stays at its end while an answer grows. */
export const Conversation = StickToBottom;
export const ConversationContent = StickToBottom.Content;

export function ConversationScrollButton() {
  const { isAtBottom, scrollToBottom } = useStickToBottomContext();
  if (isAtBottom) return null;
  return (
    <button type="button" onClick={() => scrollToBottom()}>
      To the end
    </button>
  );
}
