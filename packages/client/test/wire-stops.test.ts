import { expect, test } from 'vitest';
import { observe } from './support/chat.ts';
import { setUp } from './support/wire.ts';
import { chunks, delta, end, entry, streaming } from './support/wire-chat.ts';

test('T3: a stop before the run is known goes out by command, and again until it is answered (HF-FRM-4, HF-FRM-5)', async () => {
  const { gateway, transport, clock } = await setUp();
  const view = observe({ id: 's1', transport });
  const done = view.chat.sendMessage({ text: 'hi' });
  const post = await gateway.posts.take();
  const peer = await gateway.accept();
  await view.chat.stop();
  await done;
  expect(view.finishes).toEqual([{ isAbort: true, isDisconnect: false, isError: false }]);
  await peer.expect('hello');
  const { command } = post.body;
  expect(await peer.expect('cancel')).toMatchObject({ s: 's1', command });
  peer.terminate();
  await clock.waiting(1);
  clock.advance(20_000);
  const next = await gateway.accept();
  await next.welcome();
  const { r } = await next.expect('cancel');
  next.say({ t: 'res', r, ok: { state: 'stopping' } });
  await next.closed;
  expect(transport.connection.getSnapshot()).toBe('idle');
});

test('HF-CLI-2 a stop is one however far the clock was set back since a component has left', async () => {
  const { clock, peer, transport, view } = await streaming(await setUp());
  transport.hold('s1')();
  for (const state of ['here', 'away'])
    expect(await peer.expect('presence')).toMatchObject({ state });
  clock.advance(2_000);
  clock.setBack(3_600_000);
  await view.chat.stop();
  await peer.expect('cancel');
});

test('T4: a stop that comes too late says so', async () => {
  const { peer, transport } = await streaming(await setUp());
  const cancelled = transport.cancel('s1', { run: 'r1' });
  const { r } = await peer.expect('cancel');
  peer.say(entry('3-160', '4-1', end), { t: 'res', r, ok: { state: 'finished' } });
  expect(await cancelled).toBe('finished');
});

test('a cancel that cannot be taken now is said again, under its number', async () => {
  const { peer, transport, clock } = await streaming(await setUp());
  const cancelled = transport.cancel('s1', { run: 'r1' });
  const { r } = await peer.expect('cancel');
  const err = { code: 'rate', message: 'unable to cancel: too many', retryMs: 3_000 };
  peer.say({ t: 'res', r, err }, { t: 'ping' });
  await peer.expect('pong');
  clock.advance(3_000);
  expect(await peer.expect('cancel')).toEqual({ t: 'cancel', r, s: 's1', run: 'r1' });
  peer.say({ t: 'res', r, ok: { state: 'stopping' } });
  expect(await cancelled).toBe('stopping');
});

test('a cancel that is refused rejects', async () => {
  const { peer, transport } = await streaming(await setUp());
  const cancelled = transport.cancel('s1', { run: 'r1' });
  const { r } = await peer.expect('cancel');
  peer.say({ t: 'res', r, err: { code: 'forbidden', message: 'unable to cancel: not yours' } });
  await expect(cancelled).rejects.toMatchObject({ code: 'forbidden' });
});

test('a cancel that nobody answers rejects when the connection is given up', async () => {
  const { peer, transport, done } = await streaming(await setUp());
  const cancelled = transport.cancel('s1', { run: 'r1' });
  await peer.expect('cancel');
  peer.close(4403);
  await expect(cancelled).rejects.toMatchObject({ cause: { code: 'forbidden' } });
  await done;
});

test('a run that was lost ends its stream as an error behind what it wrote', async () => {
  const { view, done, peer } = await streaming(await setUp());
  peer.say(entry('3-160', '4-1', chunks(delta('two'))));
  peer.say(entry('4-1', '5-1', { ...end, outcome: 'lost' }));
  await done;
  expect(view.text).toBe('one two');
  expect(view.errors).toMatchObject([{ name: 'HoldfastError', code: 'unavailable' }]);
});

test('close ends everything and leaves no timer, no listener and no socket', async () => {
  const { clock, view, done, peer, transport } = await streaming(await setUp());
  const resuming = transport.reconnectToStream({ chatId: 'other' });
  transport.close();
  await expect(resuming).rejects.toMatchObject({ name: 'AbortError' });
  await done;
  expect(view.finishes).toEqual([{ isAbort: true, isDisconnect: false, isError: false }]);
  await peer.closed;
  expect(clock.pending).toBe(0);
  expect(clock.page.listeners).toBe(0);
  expect(transport.connection.getSnapshot()).toBe('closed');
  await expect(transport.reconnectToStream({ chatId: 's1' })).rejects.toMatchObject({
    code: 'unavailable',
  });
});

test('nothing followed any more closes the socket after a moment', async () => {
  const { clock, done, peer, transport } = await streaming(await setUp());
  peer.say(entry('3-160', '4-1', end));
  await done;
  clock.advance(5_000);
  await peer.expect('unsub');
  await peer.closed;
  expect(transport.connection.getSnapshot()).toBe('idle');
  expect(clock.pending).toBe(0);
  expect(clock.page.listeners).toBe(0);
});

test('an attach that is aborted settles at once, also without a network, and is no cancel', async () => {
  const { gateway, transport } = await setUp();
  const controller = new AbortController();
  const first = transport.reconnectToStream({ chatId: 's1', abortSignal: controller.signal });
  controller.abort();
  const second = transport.reconnectToStream({ chatId: 's1' });
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  const peer = await gateway.accept();
  await peer.welcome();
  await peer.snapshot();
  expect(await second).toBeNull();
});
