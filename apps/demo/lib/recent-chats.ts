import { createBrowserStore } from './browser-store.ts';

/** The chats that this browser has seen. The server keeps sessions, not lists of them. */
export interface RecentChat {
  readonly id: string;
  /** Its first question. */
  readonly title: string;
  /** What it is called in this browser, in the place of that. */
  readonly name?: string;
  readonly isPinned?: boolean;
  /** When it was used last, in ms since the epoch. */
  readonly usedAt?: number;
  /** When its deletion was asked for, which can be undone for a while; in ms since the epoch. */
  readonly deletedAt?: number;
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

/** What is pinned stands before all else, and what was used last before what was not. */
function keep(chats: readonly RecentChat[]): void {
  const latest = chats.toSorted((one, other) => (other.usedAt ?? 0) - (one.usedAt ?? 0));
  const pinned = latest.filter(({ isPinned }) => isPinned);
  const others = latest.filter(({ isPinned }) => !isPinned);
  store.keep([...pinned, ...others].slice(0, most));
}

const known = (id: string): RecentChat | undefined => store.latest().find((chat) => chat.id === id);

const others = (id: string): readonly RecentChat[] =>
  store.latest().filter((chat) => chat.id !== id);

const change = (id: string, changed: Partial<RecentChat>): void =>
  keep(store.latest().map((chat) => (chat.id === id ? { ...chat, ...changed } : chat)));

export const recentChats = {
  getSnapshot: store.getSnapshot,
  getServerSnapshot: store.getServerSnapshot,
  subscribe: store.subscribe,
  latest: store.latest,
  /** Has the list show a chat as used just now. */
  remember: (chat: Pick<RecentChat, 'id' | 'title'>, usedAt: number): void =>
    keep([{ ...known(chat.id), ...chat, usedAt }, ...others(chat.id)]),
  /** An empty name gives it its first question back. */
  rename: (id: string, name: string): void => change(id, { name }),
  pin: (id: string, isPinned: boolean): void => change(id, { isPinned }),
  /** Takes it off the list, and puts it back with null. */
  setDeleted: (id: string, deletedAt: number | null): void =>
    change(id, { deletedAt: deletedAt ?? 0 }),
  forget: (chatId: string): void => keep(others(chatId)),
};

/** What the list calls it. */
export const nameOf = ({ name, title }: RecentChat): string => name?.trim() || title;
