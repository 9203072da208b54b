import { expect, vi } from 'vitest';
import type { Room, Tab } from './room.ts';
import { memoryStorage } from './storage.ts';

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

/** A page that follows its session and may not send: "one", which an earlier page has stored, stands refused. */
export async function refusedTab(room: Room): Promise<{
  tab: Tab;
  /** The bodies of the sends that were refused. */
  refused: Record<string, unknown>[];
  /** From now on it may. */
  pay: () => void;
}> {
  const storage = memoryStorage();
  const { tab: before } = offlineTab(room, { outbox: { storage } });
  const sent = say(before, 'one');
  await vi.waitFor(() => expect(pendingOf(before)).toEqual(['one sending']));
  before.sync.stop();
  before.transport.close();
  await Promise.allSettled([sent]);
  const refused: Record<string, unknown>[] = [];
  let isPaid = false;
  const paidFor: typeof fetch = (input, init) => {
    if (isPaid || String(input) !== room.api || init?.method !== 'POST') return fetch(input, init);
    refused.push(JSON.parse(String(init.body)) as Record<string, unknown>);
    return Promise.resolve(new Response('Pay first', { status: 402 }));
  };
  const tab = room.join({}, { outbox: { storage }, fetch: paidFor, onError: () => {} });
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['one refused']));
  return {
    tab,
    refused,
    pay: () => {
      isPaid = true;
    },
  };
}
