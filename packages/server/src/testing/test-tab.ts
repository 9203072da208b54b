import type { ChatInit, ChatTransport, FileUIPart, UIMessage } from 'ai';
import { systemEnvironment } from '../environment.ts';
import type { Network } from './network.ts';
import { TestChat } from './test-chat.ts';

/** How long `until` waits for a condition, in ms. Tests in one process need a few of them. */
const patienceMs = 10_000;

/** The part of a transport that a tab uses. */
export interface TabTransport extends ChatTransport<UIMessage> {
  /** Stops every live run of the chat, for everybody. */
  cancel(chatId: string): Promise<unknown>;
  /** Ends everything under way; runs go on. */
  close(): void;
}

/** Keeps a chat in step: what `syncChat` of `@holdfast/client/sync` returns. */
export interface TabSync {
  /** Ends the following. */
  stop(): void;
  /** Has the listener told of every change; returns what ends that. */
  subscribe?(listener: () => void): () => void;
}

/** One tab of one user: the SDK's chat over the client's own transport. */
export interface TestTab<TRANSPORT extends TabTransport = TabTransport, SYNC = TabSync | null>
  extends Disposable {
  /** The SDK's chat. Everything that `useChat` gives is on it. */
  readonly chat: TestChat;
  /** The client's transport, as `createChatTransport` made it. */
  readonly transport: TRANSPORT;
  /** What keeps the chat in step with other tabs; null where no `syncChat` was given. */
  readonly sync: SYNC;
  /** What the tab shows. */
  readonly messages: readonly UIMessage[];
  /** The text of the last message that it shows. */
  readonly text: string;
  /** Sends a message as `sendMessage` does; resolves when its answer has ended, or has failed (`chat.error`). */
  send(text: string, files?: FileUIPart[]): Promise<void>;
  /** Stops every live run of the session, for everybody. */
  stop(): Promise<unknown>;
  /** Answers the approvals that are open in the last message; throws where none is. */
  approve(approved?: boolean, reason?: string): Promise<void>;
  /**
   * Resolves as soon as the condition holds; it is looked at when the tab changes, and now. Rejects after 10 s, with what
   * the tab shows.
   */
  until(condition: () => boolean): Promise<void>;
  /** The network of this tab is gone: requests and sockets break off, new ones fail. */
  cut(): void;
  /** It is back. The transport comes back by itself. */
  restore(): void;
  /** Closes the page. Its runs go on. */
  close(): void;
}

interface TabParts<TRANSPORT extends TabTransport, SYNC> {
  readonly init: ChatInit<UIMessage>;
  readonly transport: TRANSPORT;
  readonly network: Network;
  readonly follow: (chat: TestChat, transport: TRANSPORT) => SYNC;
}

const textOf = (message: UIMessage | undefined): string =>
  (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');

/** The ids of the approvals that wait in a message. */
const approvalsIn = (message: UIMessage | undefined): string[] =>
  (message?.parts ?? []).flatMap((part) =>
    'approval' in part && part.approval && 'state' in part && part.state === 'approval-requested'
      ? [part.approval.id]
      : [],
  );

export function createTab<TRANSPORT extends TabTransport, SYNC extends TabSync | null>({
  init,
  transport,
  network,
  follow,
}: TabParts<TRANSPORT, SYNC>): TestTab<TRANSPORT, SYNC> {
  const chat = new TestChat({ ...init, transport });
  const sync = follow(chat, transport);
  const close = () => {
    sync?.stop();
    transport.close();
  };
  return {
    chat,
    transport,
    sync,
    get messages() {
      return chat.messages;
    },
    get text() {
      return textOf(chat.lastMessage);
    },
    send: (text, files) => chat.sendMessage(files ? { text, files } : { text }),
    stop: () => transport.cancel(chat.id),
    approve: async (approved = true, reason) => {
      const ids = approvalsIn(chat.lastMessage);
      if (ids.length === 0)
        throw new Error('unable to approve: the last message has no approval that waits');
      for (const id of ids)
        await chat.addToolApprovalResponse(
          reason === undefined ? { id, approved } : { id, approved, reason },
        );
    },
    until: (condition) => waitFor(chat, sync, condition),
    cut: () => network.cut(),
    restore: () => network.restore(),
    close,
    [Symbol.dispose]: close,
  };
}

function waitFor(chat: TestChat, sync: TabSync | null, condition: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = () => {
    try {
      if (condition()) resolve();
    } catch (error) {
      reject(error);
    }
  };
  const ends = [chat.subscribe(look), sync?.subscribe?.(look)];
  const cancel = systemEnvironment.after(
    patienceMs,
    () => reject(new Error(`unable to go on: the condition did not come true; ${shown(chat)}`)),
    { ref: true },
  );
  look();
  return promise.finally(() => {
    for (const end of ends) end?.();
    cancel();
  });
}

const shown = ({ status, error, messages }: TestChat): string =>
  `the chat is ${status}${error ? ` (${error.message})` : ''} and shows ${JSON.stringify(
    messages.map((message) => `${message.role}: ${textOf(message)}`),
  )}`;
