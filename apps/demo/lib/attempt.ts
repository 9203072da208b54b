import type { ChatTransport, FileUIPart } from 'ai';
import { textOf } from './message-text.ts';
import type { ChatMessage } from './tools.ts';

type Call = Parameters<ChatTransport<ChatMessage>['sendMessages']>[0];

/** What a page has asked the session for, so that a retry can repeat just that. */
export type Attempt =
  | { readonly does: 'send'; readonly message: ChatMessage; readonly body: object | undefined }
  | { readonly does: 'edit'; readonly messageId: string; readonly text: string }
  | { readonly does: 'answer again'; readonly messageId: string | undefined }
  /** With a message whose calls are answered. */
  | { readonly does: 'go on' }
  /** Words that no message of the page stands for. */
  | { readonly does: 'say'; readonly text: string; readonly files?: readonly FileUIPart[] }
  /** Stops, arranges, hands over: its button is still there to be pressed. */
  | { readonly does: 'press' };

/** What the SDK asks its transport for, as what the visitor did. */
function attemptOf({ trigger, messageId, messages, body }: Call): Attempt {
  if (trigger === 'regenerate-message') return { does: 'answer again', messageId };
  const message = messages.find(({ id }) => id === messageId) ?? messages.at(-1);
  if (!message || message.role === 'assistant') return { does: 'go on' };
  if (messageId === undefined) return { does: 'send', message, body };
  return { does: 'edit', messageId, text: textOf(message) };
}

/** The transport, which tells of what was refused. A stop is no refusal. */
export const telling = <T extends ChatTransport<ChatMessage>>(
  transport: T,
  refused: (attempt: Attempt, error: unknown) => void,
): T => ({
  ...transport,
  sendMessages: async (call: Call) => {
    try {
      return await transport.sendMessages(call);
    } catch (error) {
      if ((error as Error).name !== 'AbortError') refused(attemptOf(call), error);
      throw error;
    }
  },
});
