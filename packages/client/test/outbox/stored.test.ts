import { expect, onTestFinished, test, vi } from 'vitest';
import { offlineTab, pendingOf, refusedTab, say } from '../support/offline-tab.ts';
import { all, answer, openRoom, type Room } from '../support/room.ts';
import { text } from '../support/server.ts';
import { memoryStorage } from '../support/storage.ts';

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
      // Nor does it hear of it over a socket, or by HTTP instead.
      url: 'ws://127.0.0.1:9',
      carrier: 'socket',
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

/** As a proxy answers whose server is away. */
const away = (): Promise<Response> => Promise.resolve(new Response('Bad gateway', { status: 502 }));

test.each([
  ['says that there is none for now', 'unavailable', away],
  ['answers', undefined, () => Promise.reject(new TypeError('Failed to fetch'))],
] as const)(
  'a send that is given up because nobody %s stays, for the next page and for `reconnect`',
  async (_, code, fetch) => {
    const room = await openRoom();
    const storage = memoryStorage();
    let isAway = true;
    const route: typeof globalThis.fetch = (input, init) =>
      isAway ? fetch() : globalThis.fetch(input, init);
    const first = room.join({}, { outbox: { storage }, fetch: route });
    await say(first, 'one');
    expect(first.errors.at(-1)).toMatchObject(code ? { code } : { name: 'TypeError' });
    expect(storage.values.size).toBe(1);
    first.sync.stop();
    first.transport.close();

    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const next = room.join({}, { outbox: { storage }, fetch: route, onError });
    await vi.waitFor(() => expect(errors).toHaveLength(1), { timeout: 20_000 });
    expect(storage.values.size).toBe(1);
    isAway = false;
    next.transport.reconnect();
    await answer(room, 0, 'hello');
    await all([next], ['user: one', 'assistant: hello']);
    await vi.waitFor(() => expect(storage.values.size).toBe(0));
    expect(room.agent.started).toBe(1);
  },
);

const words = 'Sign in first';

/** A page with messages that an earlier one stored, over a route that knows nobody at first. */
async function signedOut(status: number, said = words) {
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
    isSignedIn ? globalThis.fetch(input, init) : Promise.resolve(new Response(said, { status }));
  const onError = (error: unknown) => errors.push(error);
  const tab = room.join({}, { outbox: { storage }, fetch, onError });
  const signIn = () => {
    isSignedIn = true;
  };
  return { room, storage, tab, errors, signIn };
}

test.each([
  [401, words],
  [403, words],
  [402, words],
  [401, JSON.stringify({ error: { code: 'session_expired', message: words } })],
])(
  'HF-CONN-11 a stored message that meets %i (%s) stays, says why, and goes on after the sign-in',
  async (status, said) => {
    const { room, storage, tab, errors, signIn } = await signedOut(status, said);
    await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['one refused', 'two refused']));
    const [one] = tab.sync.getSnapshot().pending;
    expect(one?.error).toMatchObject({ name: 'HoldfastError', message: words });
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

test('HF-CONN-11 a stop ends what is live, and takes back no message that was refused', async () => {
  const room = await openRoom();
  const { tab, pay } = await refusedTab(room);
  const other = room.join();
  const asked = say(other, 'hi');
  (await room.agent.run(0)).emit({ type: 'start' }, ...text('t', 'so'));
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: hi', 'assistant: so', 'user: one']));
  expect(await tab.transport.cancel(room.id)).toBe('stopping');
  await asked;
  pay();
  tab.transport.reconnect();
  await answer(room, 1, 'hello');
  await all([tab, other], ['user: hi', 'assistant: so', 'user: one', 'assistant: hello']);
});

test('a message that was refused and is taken back is no act of its session any more', async () => {
  const room = await openRoom();
  const { tab } = await refusedTab(room);
  const [one] = tab.sync.getSnapshot().pending;
  expect(await tab.transport.withdraw(room.id, one?.command ?? '')).toBe(true);
  expect([...tab.transport.session(room.id).acts]).toEqual([]);
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

test('a storage that rejects when a damaged send is taken out of it is told of, and no more', async () => {
  const room = await openRoom();
  const storage = memoryStorage();
  const { tab } = offlineTab(room, { outbox: { storage } });
  const sent = say(tab, 'one');
  await vi.waitFor(() => expect(pendingOf(tab)).toHaveLength(1));
  tab.transport.close();
  await Promise.allSettled([sent]);
  for (const key of storage.values.keys()) storage.values.set(key, '{');
  const removeItem = () => Promise.reject(new Error('away'));
  const { tab: next, errors } = nextPage(room, { storage: Object.assign(storage, { removeItem }) });
  await vi.waitFor(() =>
    expect(errors).toContainEqual(expect.objectContaining({ code: 'unavailable' })),
  );
  expect(pendingOf(next)).toEqual([]);
});
