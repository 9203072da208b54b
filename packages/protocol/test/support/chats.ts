import {
  AbstractChat as AbstractChat7,
  type ChatState as ChatState7,
  type UIMessage as UIMessage7,
} from 'ai';
import {
  AbstractChat as AbstractChat6,
  type ChatState as ChatState6,
  type UIMessage as UIMessage6,
} from 'ai6';
import type { Message } from '../../src/entries.ts';
import type { SendArguments } from '../../src/send.ts';

type State = ChatState7<UIMessage7>;

const stateOf = (messages: UIMessage7[]): State => ({
  status: 'ready',
  error: undefined,
  messages,
  pushMessage(message) {
    this.messages = [...this.messages, message];
  },
  popMessage() {
    this.messages = this.messages.slice(0, -1);
  },
  replaceMessage(index, message) {
    this.messages = this.messages.with(index, message);
  },
  snapshot: (value) => structuredClone(value),
});

interface Handed {
  readonly chatId: string;
  readonly trigger: 'submit-message' | 'regenerate-message';
  readonly messageId: string | undefined;
  readonly messages: unknown;
}

/** A transport that only notes what it is handed. */
function recorder(seen: SendArguments[]): {
  sendMessages: (handed: Handed) => Promise<ReadableStream<never>>;
  reconnectToStream: () => Promise<null>;
} {
  return {
    async sendMessages({ chatId: id, trigger, messageId, messages }) {
      seen.push({ id, trigger, messageId, messages: structuredClone(messages) as Message[] });
      return new ReadableStream({ start: (controller) => controller.close() });
    },
    reconnectToStream: () => Promise.resolve(null),
  };
}

/** What both versions of the SDK's chat can do. */
export interface Chat {
  sendMessage(message?: { text: string; messageId?: string }): Promise<void>;
  regenerate(): Promise<void>;
  addToolOutput(output: { tool: string; toolCallId: string; output: unknown }): Promise<void>;
  addToolApprovalResponse(answer: {
    id: string;
    approved: boolean;
    reason?: string;
  }): PromiseLike<void>;
}

export interface Recorded {
  readonly chat: Chat;
  /** What the chat handed to its transport, call by call. */
  readonly seen: readonly SendArguments[];
}

class Chat7 extends AbstractChat7<UIMessage7> {}
class Chat6 extends AbstractChat6<UIMessage6> {}

/** Chats of both versions that start with some messages and continue after every tool output. */
export const chats: readonly {
  readonly sdk: 6 | 7;
  readonly open: (messages: readonly Message[]) => Recorded;
}[] = [
  {
    sdk: 7,
    open(messages) {
      const seen: SendArguments[] = [];
      const chat = new Chat7({
        id: 's1',
        generateId: () => 'new',
        state: stateOf(structuredClone(messages) as unknown as UIMessage7[]),
        transport: recorder(seen),
        sendAutomaticallyWhen: () => seen.length === 0,
      });
      return { chat: chat as unknown as Chat, seen };
    },
  },
  {
    sdk: 6,
    open(messages) {
      const seen: SendArguments[] = [];
      const state = stateOf(structuredClone(messages) as unknown as UIMessage7[]);
      const chat = new Chat6({
        id: 's1',
        generateId: () => 'new',
        state: state as unknown as ChatState6<UIMessage6>,
        transport: recorder(seen),
        sendAutomaticallyWhen: () => seen.length === 0,
      });
      return { chat: chat as unknown as Chat, seen };
    },
  },
];
