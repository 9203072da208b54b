import { expect, test, vi } from 'vitest';
import { openRoom, turn } from './support/room.ts';

const loading = vi.hoisted(() => ({ tries: 0 }));

vi.mock('../src/sync/older.ts', async (original) => {
  if (loading.tries++ === 0) throw new Error('the file is away');
  return await original();
});

test('older messages for which nothing can be loaded are an error in words, and the next call loads again', async () => {
  const room = await openRoom({ limits: { pageMessages: 2 } });
  const writer = room.join();
  for (const words of ['one', 'two']) await turn(room, writer, words, words);
  const tab = room.join();
  await vi.waitFor(() => expect(tab.sync.getSnapshot().hasOlder).toBe(true));
  await expect(tab.sync.loadOlder()).rejects.toMatchObject({
    code: 'unavailable',
    message: 'unable to load older messages',
  });
  expect(tab.sync.getSnapshot().isLoadingOlder).toBe(false);
  expect(await tab.sync.loadOlder()).toBe(false);
  await vi.waitFor(() => expect(tab.lines).toHaveLength(4));
});
