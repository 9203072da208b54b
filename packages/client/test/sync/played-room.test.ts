import { syncChat } from '@holdfast/client/sync';
import { expect, onTestFinished, test, vi } from 'vitest';
import { reading, s, setUp, shows, tell, user } from '../support/played-chat.ts';

test('who is there is told with the snapshot and when it changes', async () => {
  const set = await setUp();
  const ada = { id: 'ada', role: 'user', state: 'here' };
  const told = await tell(set, { who: [ada] });
  await vi.waitFor(() => expect(set.sync.getSnapshot().participants).toEqual([ada]));
  const bob = { id: 'bob', role: 'operator', state: 'typing', info: { name: 'Bob' } };
  told.peer.say({ t: 'presence', s, who: [ada, bob] });
  await vi.waitFor(() => expect(set.sync.getSnapshot().participants).toEqual([ada, bob]));
});

test('HF-PRES-1: typing is told once a second at most, and ends by itself after 5 s', async () => {
  const set = await setUp();
  const { clock, sync } = set;
  const { peer } = await tell(set);
  const said = async () => (await peer.expect('presence')).state;
  clock.advance(1_000);
  sync.setTyping(true);
  expect(await said()).toBe('typing');
  for (let at = 0; at < 9; at++) {
    clock.advance(100);
    sync.setTyping(true);
  }
  clock.advance(100);
  sync.setTyping(true);
  expect(await said()).toBe('typing');
  sync.setTyping(false);
  clock.advance(1_000);
  expect(await said()).toBe('here');
  clock.advance(1_000);
  sync.setTyping(true);
  expect(await said()).toBe('typing');
  clock.advance(5_000);
  expect(await said()).toBe('here');
  // Who does not type has that told once.
  clock.advance(1_000);
  sync.setTyping(false);
  sync.stop();
  expect(await said()).toBe('away');
});

test('HF-PRES-1: typing and its end are told in time where the clock is set back in between', async () => {
  const set = await setUp();
  const { clock, sync } = set;
  const { peer } = await tell(set);
  const said = async () => (await peer.expect('presence')).state;
  clock.advance(1_000);
  sync.setTyping(true);
  expect(await said()).toBe('typing');
  clock.setBack(3_600_000);
  clock.advance(5_000);
  expect(await said()).toBe('here');
  clock.setBack(3_600_000);
  sync.setTyping(true);
  expect(await said()).toBe('typing');
});

test('HF-PRES-1: who types when the socket is lost is said to type on the next one', async () => {
  const set = await setUp();
  const { clock, gateway, sync, transport } = set;
  const { peer } = await tell(set);
  clock.advance(1_000);
  sync.setTyping(true);
  expect((await peer.expect('presence')).state).toBe('typing');
  peer.terminate();
  await vi.waitFor(() => expect(transport.connection.getSnapshot()).toBe('connecting'));
  expect(sync.getSnapshot().isSynced).toBe(false);
  clock.advance(1_000);
  const next = await gateway.accept();
  await next.welcome();
  const { r } = await next.expect('sub');
  next.say({ t: 'subbed', r, s, epoch: 'E1', top: '1-1', mode: 'replay', recovered: true });
  expect((await next.expect('presence')).state).toBe('typing');
});

test('HF-PRES-1: who typed in a component that has gone types no more, also on the next socket', async () => {
  const set = await setUp();
  const { clock, gateway, sync, transport } = set;
  const release = transport.hold(s);
  const { peer } = await tell(set);
  clock.advance(1_000);
  sync.setTyping(true);
  expect((await peer.expect('presence')).state).toBe('typing');
  sync.stop();
  expect((await peer.expect('presence')).state).toBe('here');
  peer.terminate();
  await vi.waitFor(() => expect(transport.connection.getSnapshot()).toBe('connecting'));
  clock.advance(1_000);
  const next = await gateway.accept();
  await next.welcome();
  const { r } = await next.expect('sub');
  next.say({ t: 'subbed', r, s, epoch: 'E1', top: '1-1', mode: 'replay', recovered: true });
  expect((await next.expect('presence')).state).toBe('here');
  release();
});

test('StrictMode: attach, detach, attach is one subscription and one place in the room', async () => {
  const set = await setUp();
  set.sync.stop();
  const again = syncChat(set.view.chat, set.transport);
  onTestFinished(() => again.stop());
  const { entry } = await tell(set);
  entry({ k: 'message', message: user('u1'), at: 0 });
  await shows(set.lines, ['user: u1']);
});

test('the end of a transport is no end of a chat: what it shows stays, and nothing is left over', async () => {
  const { transport, sync, clock, lines } = await reading();
  transport.close();
  await vi.waitFor(() => expect(sync.getSnapshot().isSynced).toBe(false));
  expect(lines()).toEqual(['user: u1', 'assistant: one ']);
  expect(await sync.loadOlder()).toBe(false);
  sync.setTyping(true);
  sync.stop();
  expect(clock.pending).toBe(0);
});
