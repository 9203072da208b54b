/** The chats that this browser has seen. The server keeps sessions, not lists of them. */
export interface RecentChat {
  readonly id: string;
  readonly title: string;
}

const key = 'holdfast-demo-chats';
const most = 30;
const none: readonly RecentChat[] = [];
const listeners = new Set<() => void>();
let known: readonly RecentChat[] | undefined;

const isRecentChat = (value: unknown): value is RecentChat =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'title' in value &&
  typeof value.title === 'string';

function read(): readonly RecentChat[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isRecentChat) : none;
  } catch {
    // Storage may be forbidden, or hold something else; the list is a convenience.
    return none;
  }
}

function write(chats: readonly RecentChat[]): void {
  try {
    localStorage.setItem(key, JSON.stringify(chats.slice(0, most)));
  } catch {
    return;
  }
  changed();
}

function changed(): void {
  known = undefined;
  for (const listener of listeners) listener();
}

export const recentChats = {
  getSnapshot: (): readonly RecentChat[] => {
    known ??= read();
    return known;
  },
  getServerSnapshot: (): readonly RecentChat[] => none,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    // Other tabs.
    window.addEventListener('storage', changed);
    return () => {
      listeners.delete(listener);
      window.removeEventListener('storage', changed);
    };
  },
  /** Puts a chat on top of the list. */
  remember: (chat: RecentChat): void => {
    write([chat, ...read().filter(({ id }) => id !== chat.id)]);
  },
  forget: (chatId: string): void => {
    write(read().filter(({ id }) => id !== chatId));
  },
};
