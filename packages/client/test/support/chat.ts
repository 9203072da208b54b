import { Chat } from '@ai-sdk/react';
import type { ChatInit, UIMessage } from 'ai';

interface Finish {
  readonly isAbort: boolean;
  readonly isDisconnect: boolean;
  readonly isError: boolean;
}

export interface ObservedChat {
  readonly chat: Chat<UIMessage>;
  readonly finishes: Finish[];
  readonly errors: Error[];
  /** Resolves when the state satisfies the condition. */
  until(condition: () => boolean): Promise<void>;
  /** The text of the last message. */
  readonly text: string;
}

export const textOf = (message: UIMessage | undefined): string =>
  (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');

/** A real `Chat` of the SDK, observed without polling. */
export function observe(init: ChatInit<UIMessage>): ObservedChat {
  const finishes: Finish[] = [];
  const errors: Error[] = [];
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const chat = new Chat<UIMessage>({
    ...init,
    onFinish: (finish) => {
      const { isAbort, isDisconnect, isError } = finish;
      finishes.push({ isAbort, isDisconnect, isError });
      init.onFinish?.(finish);
      changed();
    },
    onError: (error) => {
      errors.push(error);
      init.onError?.(error);
      changed();
    },
  });
  chat['~registerMessagesCallback'](changed);
  chat['~registerStatusCallback'](changed);
  return {
    chat,
    finishes,
    errors,
    get text() {
      return textOf(chat.lastMessage);
    },
    until: (condition) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!condition()) return;
          listeners.delete(check);
          resolve();
        };
        listeners.add(check);
        check();
      }),
  };
}
