import type { UseChatHelpers } from '@ai-sdk/react';
import type { Attempt } from '../lib/attempt.ts';
import type { ChatMessage } from '../lib/tools.ts';

/**
 * What repeats what failed, and nothing else: an attempt that was refused, or else the answer in a message
 * that broke off. Undefined where another place on the page does it.
 */
export type Retry = (
  attempt: Attempt | undefined,
  broken: string | undefined,
) => (() => void) | undefined;

interface Options {
  readonly answerAgain: (messageId?: string) => void;
  /** Takes the refusal off the page. */
  readonly clear: () => void;
}

export function retrying(
  { messages, sendMessage, setMessages }: UseChatHelpers<ChatMessage>,
  { answerAgain, clear }: Options,
): Retry {
  // An answer that broke off before its first word is not among the messages.
  const ifShown = (messageId: string | undefined) =>
    messages.some(({ id }) => id === messageId) ? messageId : undefined;
  return (attempt, broken) => {
    switch (attempt?.does) {
      case undefined:
        return () => answerAgain(ifShown(broken));
      case 'answer again':
        return () => answerAgain(ifShown(attempt.messageId));
      case 'send':
        return () => {
          clear();
          const { message, body } = attempt;
          // Under its id, by which the server knows it if it has come all the same.
          setMessages((all) => all.filter(({ id }) => id !== message.id));
          void sendMessage(message, body ? { body } : {});
        };
      case 'go on':
        return () => {
          clear();
          void sendMessage();
        };
      default:
        return undefined;
    }
  };
}
