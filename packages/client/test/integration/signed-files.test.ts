import type { FileUIPart } from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { answer, openRoom, type Tab } from '../support/room.ts';

const picture: FileUIPart = {
  type: 'file',
  mediaType: 'image/png',
  filename: 'cat.png',
  url: `data:image/png;base64,${Buffer.alloc(20_000, 'cat').toString('base64')}`,
};

const addressIn = (tab: Tab): string =>
  tab.chat.messages[0]?.parts.find((part) => part.type === 'file')?.url ?? '';

const showing = (tab: Tab, count: number) =>
  vi.waitFor(() => expect(tab.chat.messages).toHaveLength(count), { timeout: 20_000 });

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;

/** A session with a picture in its first message, and one turn more, whose pages of history have two messages. */
async function withPicture() {
  const room = await openRoom({
    files: { secret: 'x'.repeat(32) },
    limits: { pageMessages: 2 },
    authorize: ({ token }) => (token === 'ann' ? { id: 'ann' } : null),
  });
  const first = room.join({}, { token: 'ann' });
  const sent = first.chat.sendMessage({ text: 'look', files: [picture] });
  await Promise.all([sent, answer(room, 0, 'a cat')]);
  await Promise.all([first.chat.sendMessage({ text: 'more' }), answer(room, 1, 'no')]);
  return { room, first };
}

test('HF-FILE-8 addresses are signed where a page has a token, also those of older messages', async () => {
  const { room } = await withPicture();
  const other = room.join({}, { token: 'ann' });
  await showing(other, 2);
  await other.sync.loadOlder();
  await showing(other, 4);
  const url = addressIn(other);
  expect(url).toMatch(/\/files\/[\w-]{43}\?u=\d+&p=ann&s=/);
  expect(await statusOf(url)).toBe(200);
  expect(await statusOf(url.replace(/\?.*/, ''))).not.toBe(200);
});

test('HF-FILE-8 they are signed anew before they end, also those in front of what a snapshot brings', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { room } = await withPicture();
  /** What waits for 54 of the 60 minutes that an address holds. */
  const due: (() => void)[] = [];
  const after = (ms: number, run: () => void): (() => void) => {
    const timer = ms > 600_000 ? null : setTimeout(run, ms);
    if (!timer) due.push(run);
    return () => clearTimeout(timer ?? undefined);
  };
  const other = room.join({}, { token: 'ann', environment: { after } });
  await showing(other, 2);
  await other.sync.loadOlder();
  await showing(other, 4);
  const [user, , newest] = other.chat.messages;
  const before = addressIn(other);
  expect(due).toHaveLength(1);

  vi.setSystemTime(Date.now() + 3_240_000);
  due.shift()?.();
  await vi.waitFor(() => expect(addressIn(other)).not.toBe(before));
  const url = addressIn(other);
  vi.setSystemTime(Date.now() + 600_000);
  expect(await statusOf(before)).toBe(403);
  expect(await statusOf(url)).toBe(200);
  // Only the address is another one, and nobody takes it for an edit of the user.
  const shown = other.chat.messages;
  expect(shown[2]).toBe(newest);
  expect(shown[0]).toEqual({ ...user, parts: [{ ...user?.parts[0], url }, user?.parts[1]] });
  // They end as well, though nothing that the snapshot brought refers to a file.
  await vi.waitFor(() => expect(due).toHaveLength(1));
  vi.setSystemTime(Date.now() + 2_640_000);
  due.shift()?.();
  await vi.waitFor(() => expect(addressIn(other)).not.toBe(url));
  await Promise.all([other.chat.sendMessage({ text: 'again' }), answer(room, 2, 'yes')]);
  expect(other.lines).toEqual([
    ...['user: look', 'assistant: a cat', 'user: more', 'assistant: no'],
    ...['user: again', 'assistant: yes'],
  ]);
});
