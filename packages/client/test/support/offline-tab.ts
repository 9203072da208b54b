import type { Room, Tab } from './room.ts';

export const pendingOf = (tab: Tab): string[] =>
  tab.sync
    .getSnapshot()
    .pending.map(({ message, state }) => `${(message.parts[0] as { text: string }).text} ${state}`);

export const say = (tab: Tab, text: string): Promise<void> => tab.chat.sendMessage({ text });

/** A tab whose network is away until the returned function is called. */
export function offlineTab(
  room: Room,
  options: Parameters<Room['join']>[1] = {},
): {
  tab: Tab;
  goOnline: () => void;
} {
  let isOnline = false;
  const tab = room.join(
    {},
    {
      fetch: (input, init) =>
        isOnline ? fetch(input, init) : Promise.reject(new TypeError('Failed to fetch')),
      ...options,
    },
  );
  const back = tab.goOffline();
  return {
    tab,
    goOnline: () => {
      isOnline = true;
      back();
    },
  };
}
