import { createBrowserStore } from './browser-store.ts';

/** The chats that this browser has seen. The server keeps sessions, not lists of them. */
export interface RecentChat {
  readonly id: string;
  readonly title: string;
}

const key = 'holdfast-demo-chats';
const most = 30;
const none: readonly RecentChat[] = [];
const isRecentChat = (value: unknown): value is RecentChat =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'title' in value &&
  typeof value.title === 'string';

const store = createBrowserStore(
  key,
  (stored) => (Array.isArray(stored) ? stored.filter(isRecentChat) : none),
  none,
);

const keep = (chats: readonly RecentChat[]): void => store.keep(chats.slice(0, most));

const others = (id: string): readonly RecentChat[] =>
  store.latest().filter((chat) => chat.id !== id);

export const recentChats = {
  getSnapshot: store.getSnapshot,
  getServerSnapshot: store.getServerSnapshot,
  subscribe: store.subscribe,
  /** Puts a chat on top of the list. */
  remember: (chat: RecentChat): void => keep([chat, ...others(chat.id)]),
  forget: (chatId: string): void => keep(others(chatId)),
};
