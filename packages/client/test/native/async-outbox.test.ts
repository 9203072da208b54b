import { type AsyncStorageModule, asyncOutbox, nativeEnvironment } from '@holdfast/client/native';
import { expect, test, vi } from 'vitest';
import { createPhone, type Disk, noNetwork, openStorage } from '../support/phone.ts';
import { all, answer, openRoom, type Room, type Tab } from '../support/room.ts';

type Options = NonNullable<Parameters<Room['join']>[1]>;

/** The app without a network. */
function offlineApp(room: Room, storage: AsyncStorageModule, options: Options = {}): Tab {
  const tab = room.join(
    {},
    {
      outbox: asyncOutbox(storage),
      environment: nativeEnvironment(createPhone(noNetwork)),
      // Nor does it hear of anything over a socket.
      url: 'ws://127.0.0.1:9',
      carrier: 'socket',
      fetch: () => Promise.reject(new TypeError('Network request failed')),
      ...options,
    },
  );
  return tab;
}

/** The next process of the app, with a network. */
function nextApp(room: Room, storage: AsyncStorageModule, options: Options = {}) {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const environment = nativeEnvironment(createPhone());
  const tab = room.join({}, { outbox: asyncOutbox(storage), environment, onError, ...options });
  return { tab, errors };
}

/** The process is gone: nothing of it runs any more. */
function kill(tab: Tab): void {
  tab.sync.stop();
  tab.transport.close();
}

const texts = (disk: Disk) =>
  [...disk.values()].map((value) => JSON.parse(value).send.message.parts[0].text as string);

test('an app that was killed with messages unsent sends each once when it is started again', async () => {
  const room = await openRoom();
  const disk: Disk = new Map([['of the app', 'stays']]);
  const tab = offlineApp(room, openStorage(disk));
  for (const words of ['one', 'two']) void tab.chat.sendMessage({ text: words }).catch(() => {});
  await vi.waitFor(() => expect(disk.size).toBe(3));
  kill(tab);

  const { tab: next, errors } = nextApp(room, openStorage(disk));
  const runs = [await room.agent.run(0), await room.agent.run(1)];
  for (const run of runs) run.end();
  await all([next, room.join()], ['user: one', 'user: two']);
  await vi.waitFor(() => expect([...disk]).toEqual([['of the app', 'stays']]));
  expect(errors).toEqual([]);
  expect(room.agent.started).toBe(2);

  kill(next);
  const { tab: third } = nextApp(room, openStorage(disk));
  await all([third], ['user: one', 'user: two']);
  expect(room.agent.started).toBe(2);
});

test('an app that was killed before it heard the answer does not send the message twice', async () => {
  const room = await openRoom();
  const disk: Disk = new Map();
  const lost: Promise<unknown>[] = [];
  const tab = offlineApp(room, openStorage(disk), {
    // It arrives, and the app does not live to hear of it.
    fetch: (input, init) => {
      lost.push(fetch(input, init));
      return new Promise(() => {});
    },
  });
  void tab.chat.sendMessage({ text: 'one' }).catch(() => {});
  await vi.waitFor(() => expect(lost).toHaveLength(1));
  await answer(room, 0, 'hello');
  await vi.waitFor(() => expect(texts(disk)).toEqual(['one']));
  kill(tab);

  const { tab: next } = nextApp(room, openStorage(disk));
  await all([next], ['user: one', 'assistant: hello']);
  await vi.waitFor(() => expect(disk.size).toBe(0));
  expect(room.agent.started).toBe(1);
});

test('a message that is sent while the storage is read goes behind the stored ones', async () => {
  const room = await openRoom();
  const disk: Disk = new Map();
  const tab = offlineApp(room, openStorage(disk));
  void tab.chat.sendMessage({ text: 'stored' }).catch(() => {});
  await vi.waitFor(() => expect(disk.size).toBe(1));
  kill(tab);

  let read = (): void => {};
  const reading = new Promise<void>((resolve) => {
    read = resolve;
  });
  const storage = openStorage(disk);
  const slow = { ...storage, getAllKeys: () => reading.then(storage.getAllKeys) };
  const { tab: next } = nextApp(room, slow);
  const sent = next.transport.enqueue(room.id, 'new');
  read();
  (await room.agent.run(0)).end();
  (await room.agent.run(1)).end();
  await sent;
  await all([room.join()], ['user: stored', 'user: new']);
});

test('the next transport of the same app reads what the last one is still writing', async () => {
  const room = await openRoom();
  const storage: AsyncStorageModule = {
    ...openStorage(new Map()),
    setItem: () => new Promise(() => {}),
  };
  const tab = offlineApp(room, storage);
  void tab.chat.sendMessage({ text: 'one' }).catch(() => {});
  await vi.waitFor(() => expect(tab.sync.getSnapshot().pending).toHaveLength(1));
  kill(tab);
  const { tab: next } = nextApp(room, storage);
  await answer(room, 0, 'hello');
  await all([next], ['user: one', 'assistant: hello']);
});

test('of what is written and removed at once, the last word stands', async () => {
  const disk: Disk = new Map();
  let write = (): void => {};
  const writing = new Promise<void>((resolve) => {
    write = resolve;
  });
  const storage = openStorage(disk);
  const { storage: mirror } = asyncOutbox({
    ...storage,
    setItem: (key, value) => writing.then(() => storage.setItem(key, value)),
  });
  mirror?.setItem('holdfast 1', 'one');
  const removed = mirror?.removeItem('holdfast 1');
  await storage.getAllKeys();
  write();
  await removed;
  expect(disk.size).toBe(0);
});

test('what was removed while it was read stays removed', async () => {
  const disk: Disk = new Map([['holdfast 1', 'one']]);
  const { storage, ready } = asyncOutbox(openStorage(disk));
  const reading = ready?.();
  storage?.removeItem('holdfast 1');
  await reading;
  expect(storage?.getItem('holdfast 1')).toBeNull();
});

test('messages of another owner stay for their owner', async () => {
  const room = await openRoom();
  const disk: Disk = new Map();
  const outbox = asyncOutbox(openStorage(disk), { owner: 'ann' });
  const tab = offlineApp(room, openStorage(disk), { outbox });
  void tab.chat.sendMessage({ text: 'of ann' }).catch(() => {});
  await vi.waitFor(() => expect(disk.size).toBe(1));
  kill(tab);
  const bob = nextApp(room, openStorage(disk), {
    outbox: asyncOutbox(openStorage(disk), { owner: 'bob' }),
  });
  await vi.waitFor(() => expect(bob.tab.sync.getSnapshot().isSynced).toBe(true));
  expect(texts(disk)).toEqual(['of ann']);
  expect(room.agent.started).toBe(0);
});

const fail = () => Promise.reject(new Error('disk full'));

test.each([
  ['read', { getAllKeys: fail }],
  ['written', { setItem: fail, removeItem: fail }],
])('a storage that cannot be %s is told, and sends go on without', async (_, broken) => {
  const room = await openRoom();
  const { tab, errors } = nextApp(room, { ...openStorage(new Map()), ...broken });
  await Promise.all([tab.chat.sendMessage({ text: 'hi' }), answer(room, 0, 'hello')]);
  expect(tab.lines).toEqual(['user: hi', 'assistant: hello']);
  expect(errors).toContainEqual(
    expect.objectContaining({
      code: 'unavailable',
      cause: expect.objectContaining({ message: 'disk full' }),
    }),
  );
});

test('a storage that never answers is waited for so long, and no longer', async () => {
  const room = await openRoom();
  const waits: [number, () => void][] = [];
  const hung = { ...openStorage(new Map()), getAllKeys: () => new Promise<never>(() => {}) };
  const outbox = asyncOutbox(hung, {
    after: (...wait) => {
      waits.push(wait);
      return () => {};
    },
  });
  const { tab, errors } = nextApp(room, hung, { outbox });
  const sent = tab.chat.sendMessage({ text: 'hi' });
  await vi.waitFor(() => expect(waits).toEqual([[5_000, expect.any(Function)]]));
  waits[0]?.[1]();
  await answer(room, 0, 'hello');
  await sent;
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: hi', 'assistant: hello']));
  expect(errors).toContainEqual(expect.objectContaining({ code: 'unavailable' }));
});
