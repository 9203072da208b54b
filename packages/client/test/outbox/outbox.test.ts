import { expect, onTestFinished, test, vi } from 'vitest';
import { textOf } from '../support/chat.ts';
import { gatedFetch } from '../support/gate.ts';
import { all, answer, openRoom, type Room, type Tab } from '../support/room.ts';
import { memoryStorage } from '../support/storage.ts';

const pendingOf = (tab: Tab) =>
  tab.sync
    .getSnapshot()
    .pending.map(({ message, state }) => `${(message.parts[0] as { text: string }).text} ${state}`);

const say = (tab: Tab, text: string): Promise<void> => tab.chat.sendMessage({ text });

/** A tab whose network is away until the returned function is called. */
function offlineTab(room: Room, options: Parameters<Room['join']>[1] = {}) {
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

test('messages that are sent offline wait in order, and each becomes one message and one run', async () => {
  const room = await openRoom();
  const { tab, goOnline } = offlineTab(room);
  const sent = ['one', 'two', 'three'].map((text) => say(tab, text));
  await vi.waitFor(() =>
    expect(pendingOf(tab)).toEqual(['one sending', 'two waiting', 'three waiting']),
  );
  expect(tab.lines).toEqual(['user: one', 'user: two', 'user: three']);
  goOnline();
  const runs = await Promise.all([0, 1, 2].map((at) => room.agent.run(at)));
  const asked = runs.map(({ context }) => context.messages.findLast(({ role }) => role === 'user'));
  expect(asked.map(textOf)).toEqual(['one', 'two', 'three']);
  for (const run of runs) run.end();
  await Promise.allSettled(sent);
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual([]));
  await all([tab, room.join()], ['user: one', 'user: two', 'user: three']);
  expect(room.agent.started).toBe(3);
});

test('a message that never left is taken back without a trace', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  const first = say(tab, 'one');
  const second = say(tab, 'two');
  const request = await gate.next();
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['one sending', 'two waiting']));
  const [, two] = tab.sync.getSnapshot().pending;
  expect(await tab.transport.withdraw(room.id, two?.command ?? '')).toBe(true);
  await second;
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: one']));
  request.pass();
  await Promise.all([first, answer(room, 0, 'hello')]);
  await all([tab, room.join()], ['user: one', 'assistant: hello']);
  expect(room.agent.started).toBe(1);
  expect(await tab.transport.withdraw(room.id, two?.command ?? '')).toBe(false);
});

test('a message that may have arrived is taken back by a stop', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  const sent = say(tab, 'one');
  const request = await gate.next();
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['one sending']));
  const [one] = tab.sync.getSnapshot().pending;
  expect(await tab.transport.withdraw(room.id, one?.command ?? '')).toBe(true);
  await sent;
  await vi.waitFor(() => expect(tab.lines).toEqual([]));
  await tab.transport.cancel(room.id, { command: one?.command ?? '' });
  // The request was on its way all the time.
  request.pass();
  await all([tab, room.join()], ['user: one']);
  expect(room.agent.started).toBe(0);
});

test('a message that was refused leaves, and the next one goes', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  const [first, second] = [say(tab, 'one'), say(tab, 'two')];
  (await gate.next()).refuse(413, 'too_large');
  await first;
  const request = await gate.next();
  expect(pendingOf(tab)).toEqual(['two sending']);
  request.pass();
  await Promise.all([second, answer(room, 0, 'hello')]);
  await all([room.join()], ['user: two', 'assistant: hello']);
});

test('a transport that is closed sends nothing more, however much waits', async () => {
  const room = await openRoom();
  const requests: string[] = [];
  const tab = room.join(
    {},
    {
      fetch: (input, init) => {
        if (init?.method === 'POST') requests.push(String(input));
        return new Promise(() => {});
      },
    },
  );
  const sent = ['one', 'two', 'three'].map((text) => tab.transport.enqueue(room.id, text));
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  tab.transport.close();
  const outcomes = await Promise.allSettled(sent);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(requests).toHaveLength(1);
});

test('the same message twice at once is one send', async () => {
  const room = await openRoom();
  const tab = room.join();
  const message = { id: 'm1', parts: [{ type: 'text' as const, text: 'hi' }] };
  const both = await Promise.all([1, 2].map(() => tab.transport.enqueue(room.id, message)));
  expect(both.map(({ command }) => command)).toEqual(['m1', 'm1']);
  await answer(room, 0, 'hello');
  await all([tab], ['user: hi', 'assistant: hello']);
  expect(room.agent.started).toBe(1);
});

test('what is to wait in the queue shows as pending, and not among the messages', async () => {
  const room = await openRoom();
  const { tab, goOnline } = offlineTab(room);
  const queued = tab.transport.enqueue(room.id, 'later');
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['later sending']));
  expect(tab.lines).toEqual([]);
  const taken = tab.transport.enqueue(room.id, 'never');
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['later sending', 'never waiting']));
  const command = tab.sync.getSnapshot().pending[1]?.command ?? '';
  await tab.transport.withdraw(room.id, command);
  expect(await taken).toEqual({ state: 'withdrawn', command });
  goOnline();
  await queued;
  await answer(room, 0, 'hello');
  await all([tab], ['user: later', 'assistant: hello']);
});

test('more than 100 that wait are refused', async () => {
  const room = await openRoom();
  const { tab } = offlineTab(room);
  const sent = Array.from({ length: 100 }, (_, at) => tab.transport.enqueue(room.id, `m${at}`));
  await vi.waitFor(() => expect(pendingOf(tab)).toHaveLength(100));
  await expect(tab.transport.enqueue(room.id, 'one more')).rejects.toMatchObject({ code: 'limit' });
  tab.transport.close();
  await Promise.allSettled(sent);
});

/** The next page of the same browser. */
function nextPage(
  room: Room,
  outbox: NonNullable<NonNullable<Parameters<Room['join']>[1]>['outbox']>,
) {
  const errors: unknown[] = [];
  const tab = room.join({}, { outbox, onError: (error) => errors.push(error) });
  return { tab, errors };
}

test('with a storage, the next page sends what the last one could not, in order', async () => {
  const room = await openRoom();
  const storage = memoryStorage();
  const { tab } = offlineTab(room, {
    outbox: { storage },
    headers: { authorization: 'Bearer secret' },
    token: 'secret',
  });
  const sent = [say(tab, 'one'), say(tab, 'two')];
  await vi.waitFor(() => expect(pendingOf(tab)).toHaveLength(2));
  expect(storage.values.size).toBe(2);
  expect(JSON.stringify([...storage.values])).not.toContain('secret');
  // The page is gone in the middle of it.
  tab.sync.stop();
  tab.transport.close();
  await Promise.allSettled(sent);
  expect(storage.values.size).toBe(2);

  const { tab: next } = nextPage(room, { storage });
  const [first, second] = [await room.agent.run(0), await room.agent.run(1)];
  expect(first.context.messages).toHaveLength(1);
  for (const run of [first, second]) run.end();
  await all([next, room.join()], ['user: one', 'user: two']);
  expect(storage.values.size).toBe(0);
  expect(room.agent.started).toBe(2);
});

test('a send whose answer was lost with the page is not sent twice', async () => {
  const room = await openRoom();
  const storage = memoryStorage();
  const lost: Promise<unknown>[] = [];
  const tab = room.join(
    {},
    {
      outbox: { storage },
      // Nor does it hear of it over a socket.
      url: 'ws://127.0.0.1:9',
      // It arrives, and the page does not live to hear of it.
      fetch: (input, init) => {
        lost.push(fetch(input, init));
        return new Promise(() => {});
      },
    },
  );
  const sent = say(tab, 'one');
  await vi.waitFor(() => expect(lost).toHaveLength(1));
  await answer(room, 0, 'hello');
  tab.sync.stop();
  tab.transport.close();
  await Promise.allSettled([sent]);
  expect(storage.values.size).toBe(1);
  const { tab: next, errors } = nextPage(room, { storage });
  await all([next], ['user: one', 'assistant: hello']);
  await vi.waitFor(() => expect(storage.values.size).toBe(0));
  expect(errors).toEqual([]);
  expect(room.agent.started).toBe(1);
});

/** A page with messages that an earlier one stored, over a route that knows nobody at first. */
async function signedOut(status: number) {
  const room = await openRoom();
  const storage = memoryStorage();
  const { tab: before } = offlineTab(room, { outbox: { storage } });
  const sent = [say(before, 'one'), say(before, 'two')];
  await vi.waitFor(() => expect(pendingOf(before)).toHaveLength(2));
  before.sync.stop();
  before.transport.close();
  await Promise.allSettled(sent);
  let isSignedIn = false;
  const errors: unknown[] = [];
  const fetch: typeof globalThis.fetch = (input, init) =>
    isSignedIn
      ? globalThis.fetch(input, init)
      : Promise.resolve(new Response('Sign in first', { status }));
  const onError = (error: unknown) => errors.push(error);
  const tab = room.join({}, { outbox: { storage }, fetch, onError });
  const signIn = () => {
    isSignedIn = true;
  };
  return { room, storage, tab, errors, signIn };
}

test.each([401, 403, 402])(
  'HF-CONN-11 a stored message that meets %i stays, says why, and goes on after the sign-in',
  async (status) => {
    const { room, storage, tab, errors, signIn } = await signedOut(status);
    await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['one refused', 'two refused']));
    const [one] = tab.sync.getSnapshot().pending;
    expect(one?.error).toMatchObject({ name: 'HoldfastError', message: 'Sign in first' });
    expect(errors).toContain(one?.error);
    expect(storage.values.size).toBe(2);
    signIn();
    tab.transport.reconnect();
    const runs = [await room.agent.run(0), await room.agent.run(1)];
    for (const run of runs) run.end();
    await all([tab, room.join()], ['user: one', 'user: two']);
    await vi.waitFor(() => expect(pendingOf(tab)).toEqual([]));
    expect(storage.values.size).toBe(0);
    expect(room.agent.started).toBe(2);
  },
);

test('HF-CONN-11 a message that was refused because of who asks can be taken back', async () => {
  const { room, storage, tab, signIn } = await signedOut(401);
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['one refused', 'two refused']));
  const [one] = tab.sync.getSnapshot().pending;
  expect(await tab.transport.withdraw(room.id, one?.command ?? '')).toBe(true);
  expect(pendingOf(tab)).toEqual(['two refused']);
  signIn();
  tab.transport.reconnect();
  (await room.agent.run(0)).end();
  await all([tab, room.join()], ['user: two']);
  expect(storage.values.size).toBe(0);
  expect(room.agent.started).toBe(1);
});

test('HF-CONN-11 a message of this page is refused at once, and stays in the storage', async () => {
  const room = await openRoom();
  const storage = memoryStorage();
  let isSignedIn = false;
  const fetch: typeof globalThis.fetch = (input, init) =>
    isSignedIn
      ? globalThis.fetch(input, init)
      : Promise.resolve(new Response('Sign in first', { status: 401 }));
  const tab = room.join({}, { outbox: { storage }, fetch });
  await say(tab, 'one');
  expect(tab.errors.at(-1)?.message).toBe('Sign in first');
  expect(storage.values.size).toBe(1);
  isSignedIn = true;
  tab.transport.reconnect();
  await answer(room, 0, 'hello');
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: one', 'assistant: hello']));
  await vi.waitFor(() => expect(storage.values.size).toBe(0));
  expect(room.agent.started).toBe(1);
});

test('what another page took back is not sent by this one', async () => {
  const room = await openRoom();
  const storage = memoryStorage();
  const { tab: one } = offlineTab(room, { outbox: { storage } });
  const sent = say(one, 'one');
  await vi.waitFor(() => expect(pendingOf(one)).toEqual(['one sending']));
  const { tab: two, goOnline } = offlineTab(room, { outbox: { storage } });
  await vi.waitFor(() => expect(pendingOf(two)).toEqual(['one sending']));
  const [pending] = one.sync.getSnapshot().pending;
  await one.transport.withdraw(room.id, pending?.command ?? '');
  await sent;
  goOnline();
  await vi.waitFor(() => expect(pendingOf(two)).toEqual([]));
  await all([two], []);
  expect(room.agent.started).toBe(0);
});

test('sends of another owner, of another api, that are too old or damaged are left alone', async () => {
  const room = await openRoom();
  const storage = memoryStorage();
  const { tab } = offlineTab(room, { outbox: { storage, owner: 'ann' } });
  const sent = say(tab, 'of ann');
  await vi.waitFor(() => expect(pendingOf(tab)).toHaveLength(1));
  tab.transport.close();
  await Promise.allSettled([sent]);
  const [[key = '', value = '']] = [...storage.values] as [[string, string]];
  const bob = nextPage(room, { storage, owner: 'bob' });
  await vi.waitFor(() => expect(bob.tab.sync.getSnapshot().isSynced).toBe(true));
  expect(pendingOf(bob.tab)).toEqual([]);
  storage.values.set(`${key}x`, value);
  storage.values.set(`${key}y`, '{');
  storage.values.set(key, value.replace(/"at":\d+/, '"at":1'));
  storage.values.set('of the app', 'stays');
  const ann = nextPage(room, { storage, owner: 'ann' });
  await vi.waitFor(() => expect(ann.tab.sync.getSnapshot().isSynced).toBe(true));
  expect(pendingOf(ann.tab)).toEqual([]);
  expect([...storage.values.keys()]).toEqual(['of the app']);
  expect(room.agent.started).toBe(0);
});

test('a storage that fails costs nothing but what it should have kept', async () => {
  const room = await openRoom();
  const errors: unknown[] = [];
  const fail = () => {
    throw new Error('quota');
  };
  const storage = { ...memoryStorage(), setItem: fail, removeItem: fail, getItem: fail, key: fail };
  const tab = room.join({}, { outbox: { storage }, onError: (error) => errors.push(error) });
  onTestFinished(() => tab.transport.close());
  await Promise.all([say(tab, 'hi'), answer(room, 0, 'hello')]);
  expect(tab.lines).toEqual(['user: hi', 'assistant: hello']);
  expect(errors).toContainEqual(expect.objectContaining({ code: 'unavailable' }));
});
