import { expect, test, vi } from 'vitest';
import { setUp } from './support/wire.ts';
import { chunks, delta, end, entry, resumed, streaming } from './support/wire-chat.ts';

test('what was applied is acknowledged after ackMs, or at once after ackBytes (HF-FLOW-1)', async () => {
  const { clock, peer } = await streaming(await setUp());
  clock.advance(1_000);
  expect(await peer.expect('ack')).toEqual({ t: 'ack', s: 's1', i: '3-160' });
  peer.say(entry('3-160', '4-1', chunks(delta('x'.repeat(70_000)))));
  expect(await peer.expect('ack')).toEqual({ t: 'ack', s: 's1', i: '4-1' });
});

test('a ping is answered', async () => {
  const { peer } = await streaming(await setUp());
  peer.say({ t: 'ping' });
  await peer.expect('pong');
});

test('a silent socket is dropped after heartbeatMs and pongTimeoutMs (HF-LIVE-2)', async () => {
  const { clock, gateway, peer } = await streaming(await setUp());
  clock.advance(35_000);
  await peer.closed;
  await resumed(await gateway.accept(), 'E1:3-160');
});

test('a socket that speaks in time is kept, and no token is asked for meanwhile (HF-LIVE-2)', async () => {
  let tokens = 0;
  const { clock, peer } = await streaming(await setUp({ token: () => `token ${++tokens}` }));
  const before = tokens;
  for (let times = 0; times < 5; times++) {
    clock.advance(20_000);
    peer.say({ t: 'ping' });
    await peer.expect('pong');
  }
  expect(tokens).toBe(before);
});

test('a page that wakes and gets no answer moves to another socket (HF-LIVE-3)', async () => {
  const { clock, gateway, peer } = await streaming(await setUp());
  clock.page.wake();
  await peer.expect('ping');
  clock.advance(2_500);
  await peer.closed;
  await resumed(await gateway.accept(), 'E1:3-160');
});

test('a page that wakes and gets an answer keeps its socket (HF-LIVE-3)', async () => {
  const { clock, view, done, peer } = await streaming(await setUp());
  clock.page.wake();
  await peer.expect('ping');
  peer.say({ t: 'pong' }, entry('3-160', '4-1', chunks(delta('two'))));
  await view.until(() => view.text === 'one two');
  clock.advance(2_500);
  peer.say(entry('4-1', '5-1', end));
  await done;
});

test('while offline nothing is tried, and coming back connects at once', async () => {
  const { clock, gateway, peer, transport } = await streaming(await setUp());
  clock.page.offline();
  peer.terminate();
  await new Promise<void>((resolve) => {
    transport.connection.subscribe(() => {
      if (transport.connection.getSnapshot() === 'offline') resolve();
    });
  });
  clock.advance(60_000);
  clock.page.online = true;
  clock.page.wake();
  await resumed(await gateway.accept(), 'E1:3-160');
});

test('a drain moves to another socket and loses nothing', async () => {
  const { clock, gateway, peer } = await streaming(await setUp());
  await clock.waiting(2);
  peer.say({ t: 'drain', spreadMs: 1_000 }, { t: 'ping' });
  await peer.expect('pong');
  clock.advance(500);
  await peer.closed;
  await resumed(await gateway.accept(), 'E1:3-160');
});

test('a refused token is asked for once more, then the streams end as a disconnect (HF-CLOSE-1)', async () => {
  const tokens = ['old', 'new'];
  const headers = { authorization: 'of the application' };
  const set = await setUp({ token: () => tokens.shift() ?? 'none', headers });
  const { gateway, peer, view, done, transport } = await streaming(set);
  peer.close(4419);
  const second = await gateway.accept();
  expect(await second.expect('hello')).toMatchObject({ token: 'new' });
  second.close(4401);
  await done;
  expect(view.finishes).toEqual([{ isAbort: false, isDisconnect: true, isError: true }]);
  expect(view.errors).toMatchObject([{ name: 'TypeError' }]);
  expect(view.errors[0]?.cause).toMatchObject({ code: 'unauthorized' });
  expect(transport.connection.getSnapshot()).toBe('failed');
});

test('HF-LIVE-5 an idle page that was refused follows its chats again once its token is another one', async () => {
  let token = 'of nobody';
  const { gateway, clock, transport } = await setUp({ token: () => token });
  const unhold = transport.hold('s1');
  for (let times = 0; times < 2; times++) (await gateway.accept()).close(4401);
  await vi.waitFor(() => expect(transport.connection.getSnapshot()).toBe('failed'));
  clock.advance(90_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(transport.connection.getSnapshot()).toBe('failed');
  token = 'of ann';
  clock.advance(30_000);
  const peer = await gateway.accept();
  expect(await peer.expect('hello')).toMatchObject({ token });
  peer.say({ t: 'welcome', v: 1, conn: 'c', heartbeatMs: 25_000 });
  await peer.snapshot();
  await vi.waitFor(() => expect(transport.session('s1').isLive).toBe(true));
  unhold();
});

test('a session that nobody follows any more is left alone, though its socket was lost meanwhile', async () => {
  const { gateway, clock, transport } = await setUp();
  const unhold = transport.hold('s1');
  const peer = await gateway.accept();
  await peer.welcome();
  await peer.snapshot();
  await vi.waitFor(() => expect(transport.session('s1').isLive).toBe(true));
  unhold();
  peer.close(1001);
  await vi.waitFor(() => expect(transport.connection.getSnapshot()).toBe('connecting'));
  clock.advance(5_000);
  await vi.waitFor(() => expect(transport.connection.getSnapshot()).toBe('idle'));
});

test('HF-LIVE-5 reconnect begins anew: for a page that was given up, and for a chat that was refused', async () => {
  const { gateway, transport } = await setUp();
  transport.hold('s1');
  for (let times = 0; times < 2; times++) (await gateway.accept()).close(4401);
  await vi.waitFor(() => expect(transport.connection.getSnapshot()).toBe('failed'));
  transport.reconnect();
  const peer = await gateway.accept();
  await peer.welcome();
  const { r } = await peer.expect('sub');
  peer.say({ t: 'res', r, err: { code: 'forbidden', message: 'unable to follow: not yours' } });
  peer.say({ t: 'ping' });
  await peer.expect('pong');
  transport.reconnect();
  await peer.closed;
  const next = await gateway.accept();
  await next.welcome();
  await next.snapshot();
  await vi.waitFor(() => expect(transport.session('s1').isLive).toBe(true));
});

test('HF-LIVE-5 reconnect begins anew where a socket was told of somebody else and is not greeted yet', async () => {
  let token = 'of nobody';
  const { gateway, transport } = await setUp({ token: () => token });
  transport.hold('s1');
  const peer = await gateway.accept();
  expect(await peer.expect('hello')).toMatchObject({ token });
  token = 'of ann';
  transport.reconnect();
  const next = await gateway.accept();
  expect(await next.expect('hello')).toMatchObject({ token });
  await peer.closed;
});

test('HF-LIVE-5 reconnect begins anew where the token of somebody else is still waited for', async () => {
  const tokens: PromiseWithResolvers<string>[] = [];
  const { gateway, transport } = await setUp({
    token: () => {
      const asked = Promise.withResolvers<string>();
      tokens.push(asked);
      return asked.promise;
    },
  });
  transport.hold('s1');
  await vi.waitFor(() => expect(tokens).toHaveLength(1));
  transport.reconnect();
  await vi.waitFor(() => expect(tokens).toHaveLength(2));
  for (const [at, { resolve }] of tokens.entries()) resolve(at === 0 ? 'of nobody' : 'of ann');
  const peer = await gateway.accept();
  expect(await peer.expect('hello')).toMatchObject({ token: 'of ann' });
});

test('HF-CONN-15 a token that does not come is asked for anew, and one that comes late is nobody’s', async () => {
  const tokens: PromiseWithResolvers<string>[] = [];
  const { clock, gateway, transport } = await setUp({
    token: () => {
      const asked = Promise.withResolvers<string>();
      tokens.push(asked);
      return asked.promise;
    },
  });
  transport.hold('s1');
  await vi.waitFor(() => expect(tokens).toHaveLength(1));
  clock.advance(7_999);
  expect(transport.connection.trouble).toBeNull();
  clock.advance(1);
  expect(transport.connection.trouble).toMatchObject({
    reason: 'unanswered',
    attempt: 1,
    error: { code: 'unavailable' },
  });
  clock.advance(250);
  await vi.waitFor(() => expect(tokens).toHaveLength(2));
  tokens[0]?.resolve('late');
  await new Promise((resolve) => setImmediate(resolve));
  tokens[1]?.resolve('in time');
  const peer = await gateway.accept();
  expect(await peer.expect('hello')).toMatchObject({ token: 'in time' });
});

test('reconnect opens nothing where nothing is wanted', async () => {
  const { transport } = await setUp();
  transport.reconnect();
  expect(transport.connection.getSnapshot()).toBe('idle');
});

test('HF-LIVE-4 a command that is not answered probes its socket, and is said again on the next one', async () => {
  const set = await setUp();
  const { peer, transport, clock, gateway } = await streaming(set);
  clock.advance(1);
  const cancelled = transport.cancel('s1', { run: 'r1' });
  await peer.expect('cancel');
  clock.advance(2_500);
  await peer.expect('ping');
  clock.advance(2_500);
  const next = await gateway.accept();
  await next.welcome();
  const { r } = await next.expect('cancel');
  next.say({ t: 'res', r, ok: { state: 'stopping' } });
  expect(await cancelled).toBe('stopping');
});

test('HF-LIVE-4 a server that is only slow keeps its socket', async () => {
  const { peer, transport, clock } = await streaming(await setUp());
  clock.advance(1);
  const cancelled = transport.cancel('s1', { run: 'r1' });
  const { r } = await peer.expect('cancel');
  clock.advance(2_500);
  await peer.expect('ping');
  peer.say({ t: 'pong' }, { t: 'ping' });
  await peer.expect('pong');
  clock.advance(10_000);
  peer.say({ t: 'res', r, ok: { state: 'finished' } });
  expect(await cancelled).toBe('finished');
});

test('HF-LIVE-4 a subscription that is not answered probes its socket too', async () => {
  const { gateway, transport, clock } = await setUp();
  transport.hold('s1');
  const peer = await gateway.accept();
  await peer.welcome();
  peer.say({ t: 'ping' });
  await peer.expect('sub');
  await peer.expect('pong');
  clock.advance(1);
  transport.hold('s2');
  await peer.expect('sub');
  await peer.expect('presence');
  clock.advance(2_500);
  await peer.expect('ping');
  clock.advance(2_500);
  const next = await gateway.accept();
  await next.welcome();
  await next.snapshot();
});

test('reauth is answered with a fresh token in place', async () => {
  const { peer } = await streaming(await setUp({ token: () => 'fresh' }));
  peer.say({ t: 'reauth', inMs: 1_000 });
  expect(await peer.expect('auth')).toMatchObject({ token: 'fresh' });
});
