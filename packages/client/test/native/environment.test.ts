import { nativeEnvironment } from '@holdfast/client/native';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cellular, createPhone, noNetwork, type Phone, wifi } from '../support/phone.ts';
import { all, openRoom, type Room } from '../support/room.ts';
import { text } from '../support/server.ts';

/** The app on a phone, in the middle of an answer. */
async function inMidAnswer(
  phone: Phone,
  carrier: 'socket' | 'http' = 'socket',
): Promise<{
  readonly room: Room;
  readonly tab: ReturnType<Room['join']>;
  readonly say: (word: string) => void;
  readonly end: () => Promise<void>;
}> {
  const room = await openRoom();
  const environment = nativeEnvironment(phone);
  const tab = room.join({}, { environment, carrier, limits: { probeMs: 100 } });
  const sent = tab.chat.sendMessage({ text: 'go' });
  const run = await room.agent.run(0);
  const [start, , stop] = text('t', '');
  if (!start || !stop) throw new Error('no text');
  run.emit({ type: 'start' }, start);
  const say = (delta: string) => run.emit({ type: 'text-delta', id: 't', delta });
  say('one ');
  await tab.until(() => tab.text === 'one ');
  return {
    room,
    tab,
    say,
    end: async () => {
      run.emit(stop, { type: 'finish' });
      run.end();
      await sent;
    },
  };
}

test.each(['socket', 'http'] as const)(
  'an app in the background opens nothing, and at the front goes on at the exact word: %s',
  async (carrier) => {
    const phone = createPhone();
    const { room, tab, say, end } = await inMidAnswer(phone, carrier);
    phone.show('inactive');
    phone.show('background');
    // The system closes the connections of apps that nobody sees.
    const back = tab.goOffline();
    await vi.waitFor(() => expect(tab.transport.connection.getSnapshot()).toBe('offline'));
    back();
    say('two ');
    const other = room.join();
    await vi.waitFor(() => expect(other.text).toBe('one two '));
    expect(tab.wire.open).toHaveLength(0);
    expect(tab.text).toBe('one ');
    phone.show('active');
    await tab.until(() => tab.text === 'one two ');
    expect(tab.transport.connection.carrier).toBe(carrier);
    say('three');
    await end();
    await all([tab, other], ['user: go', 'assistant: one two three']);
    expect(room.agent.started).toBe(1);
  },
);

/** Nothing comes over the present socket any more, and nobody says so. */
function freeze(tab: ReturnType<Room['join']>): void {
  const socket = tab.wire.all.at(-1);
  socket?.pause();
  onTestFinished(() => socket?.terminate());
}

test.each([
  ['comes back to the front', (phone: Phone) => phone.show('active')],
  ['goes from Wi-Fi to the mobile network', (phone: Phone) => phone.enter(cellular)],
  [
    'gets another address in a network of the same kind',
    (phone: Phone) => phone.enter({ ...wifi, details: { ipAddress: '10.0.0.2' } }),
  ],
  [
    'gets through a page that asked to sign in',
    (phone: Phone) => {
      phone.enter({ ...wifi, isInternetReachable: false });
      phone.enter(wifi);
    },
  ],
])('a socket that died without a word is found out when the phone %s', async (_, happens) => {
  const phone = createPhone();
  const { tab, say, end } = await inMidAnswer(phone);
  freeze(tab);
  say('two');
  happens(phone);
  await tab.until(() => tab.text === 'one two');
  expect(tab.wire.all).toHaveLength(2);
  await end();
  await all([tab], ['user: go', 'assistant: one two']);
});

test('without a network nothing is opened until there is one again', async () => {
  const phone = createPhone();
  const { tab, say, end } = await inMidAnswer(phone);
  phone.enter(noNetwork);
  tab.wire.cut();
  await vi.waitFor(() => expect(tab.transport.connection.getSnapshot()).toBe('offline'));
  expect(tab.transport.connection.trouble).toMatchObject({ reason: 'offline' });
  say('two');
  phone.enter(cellular);
  await tab.until(() => tab.text === 'one two');
  expect(tab.wire.all).toHaveLength(2);
  await end();
});

/** Both ends of the port alone. */
function listening(phone: Phone) {
  const { page } = nativeEnvironment(phone);
  const told: string[] = [];
  const listen = () =>
    page.listen({ wake: () => told.push('wake'), offline: () => told.push('offline') });
  return { page, told, listen };
}

const soon = () => new Promise<void>((resolve) => queueMicrotask(resolve));

test('what changes nothing wakes nobody, and each change is told once', async () => {
  const phone = createPhone();
  const { told, listen } = listening(phone);
  listen();
  await soon();
  phone.enter({ ...wifi, details: { ipAddress: '192.168.0.7', strength: 12 } });
  phone.enter({ ...wifi, isInternetReachable: null });
  phone.show('inactive');
  phone.show('background');
  expect(told).toEqual([]);
  phone.enter(noNetwork);
  phone.enter({ ...noNetwork, isInternetReachable: null });
  expect(told).toEqual(['offline']);
  phone.enter(wifi);
  phone.show('active');
  expect(told).toEqual(['offline', 'wake', 'wake']);
});

test('a phone that was offline from the start says so, and one that cannot tell counts as online', async () => {
  const offline = listening(createPhone(noNetwork));
  expect(offline.page.isOnline()).toBe(true);
  offline.listen();
  await soon();
  expect(offline.told).toEqual(['offline']);
  expect(offline.page.isOnline()).toBe(false);
  const unknown = listening(createPhone({ type: 'unknown', isConnected: null, details: null }));
  unknown.listen();
  await soon();
  expect(unknown.page.isOnline()).toBe(true);
});

test('an app is seen in every state but the background, also before its state is known', () => {
  const isVisibleIn = (currentState: string | null) =>
    nativeEnvironment({
      AppState: { currentState, addEventListener: () => ({ remove: () => {} }) },
    }).page.isVisible();
  expect(['active', 'inactive', 'unknown', 'extension', null].map(isVisibleIn)).not.toContain(
    false,
  );
  expect(isVisibleIn('background')).toBe(false);
});

test('nothing is listened to before and after, and NetInfo once however many listen', async () => {
  const phone = createPhone(noNetwork);
  const { page, listen } = listening(phone);
  expect(phone.listening).toEqual({ app: 0, network: 0 });
  const ends = [listen(), listen()];
  await soon();
  expect(phone.listening).toEqual({ app: 2, network: 1 });
  expect(page.isOnline()).toBe(false);
  for (const end of [...ends, ...ends]) end();
  expect(phone.listening).toEqual({ app: 0, network: 0 });
  // It may have a network by now, and nobody heard of it.
  expect(page.isOnline()).toBe(true);
});

test('without NetInfo the app counts as online, and the front still wakes', () => {
  const phone = createPhone();
  const { page } = nativeEnvironment({ AppState: phone.AppState });
  const wake = vi.fn();
  const end = page.listen({ wake, offline: () => {} });
  phone.show('active');
  expect(wake).toHaveBeenCalledTimes(1);
  expect(page.isOnline()).toBe(true);
  end();
  expect(phone.listening.app).toBe(0);
});

test('ids are those of the module that was given, and the client’s own without one', async () => {
  const phone = createPhone();
  expect(nativeEnvironment(phone)).not.toHaveProperty('mintId');
  const room = await openRoom();
  const randomUUID = vi.fn(() => crypto.randomUUID());
  const tab = room.join(
    {},
    { environment: nativeEnvironment({ ...phone, Crypto: { randomUUID } }) },
  );
  const { command } = await tab.transport.enqueue(room.id, 'hi');
  expect(randomUUID.mock.results.map(({ value }) => value)).toContain(command);
});
