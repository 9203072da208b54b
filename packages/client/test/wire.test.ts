import { createChatTransport } from '@holdfast/client';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { observe, textOf } from './support/chat.ts';
import { manualClock } from './support/clock.ts';
import { type Peer, startGateway } from './support/gateway.ts';

async function setUp(options: Parameters<typeof createChatTransport>[0] = {}) {
  const gateway = await startGateway();
  const clock = manualClock();
  const errors: unknown[] = [];
  const transport = createChatTransport<UIMessage>({
    api: gateway.api,
    WebSocket,
    environment: clock.environment,
    onError: (error) => errors.push(error),
    ...options,
  });
  onTestFinished(async () => {
    transport.close();
    await gateway[Symbol.asyncDispose]();
  });
  return { gateway, clock, errors, transport };
}

const start = { k: 'run-start', run: 'r1', attempt: 1, agent: 'a', messageId: 'M1', at: 0 };
const chunks = (...c: readonly unknown[]) => ({ k: 'chunks', run: 'r1', attempt: 1, c });
const delta = (words: string) => ({ type: 'text-delta', id: 't', delta: words });
const opening = [
  { type: 'start', messageId: 'M1' },
  { type: 'text-start', id: 't' },
] as const;
const end = { k: 'run-end', run: 'r1', attempt: 1, outcome: 'finished', at: 0 };
const info = { run: 'r1', attempt: 1, agent: 'a', messageId: 'M1', command: 'c', state: 'running' };
const entry = (p: string, i: string, d: unknown) => ({ t: 'entry', s: 's1', p, i, d });

/** A chat that is being told `words` by run r1, up to entry 3-160. */
async function streaming(set: Awaited<ReturnType<typeof setUp>>, words = 'one ') {
  const { gateway, transport } = set;
  const view = observe({ id: 's1', transport });
  const done = view.chat.sendMessage({ text: 'hi' });
  const post = await gateway.posts.take();
  const { command } = post.body;
  const peer = await gateway.accept();
  await peer.welcome();
  post.answer(200, { run: 'r1', messageId: 'M1', command, position: 'E1:0-0', state: 'running' });
  const sub = await peer.expect('sub');
  expect(sub).toMatchObject({ s: 's1', pos: 'E1:0-0' });
  const subbed = { t: 'subbed', r: sub.r, s: 's1', epoch: 'E1', top: '3-160', mode: 'replay' };
  peer.say({ ...subbed, recovered: true });
  peer.say(
    entry('0-0', '1-95', { k: 'message', message: view.chat.messages[0], at: 0 }),
    entry('1-95', '2-7', { ...start, command }),
    entry('2-7', '3-160', chunks(...opening, delta(words))),
    { t: 'live', s: 's1', i: '3-160' },
  );
  await view.until(() => view.text === words);
  return { ...set, view, done, peer };
}

async function resumed(peer: Peer, pos: string | undefined) {
  await peer.welcome();
  const sub = await peer.expect('sub');
  expect(sub.pos).toBe(pos);
  return { t: 'subbed', r: sub.r, s: 's1', epoch: 'E1', top: '9-1', recovered: true };
}

test('T1: a drop resumes from the last entry applied, which is opaque (HF-POS-1, HF-SUB-2)', async () => {
  const { gateway, view, done, peer, clock } = await streaming(await setUp());
  peer.terminate();
  await clock.waiting(1);
  clock.advance(20_000);
  const next = await gateway.accept();
  next.say({ ...(await resumed(next, 'E1:3-160')), mode: 'replay' });
  next.say(
    entry('3-160', '4-28', chunks(delta('two '), { type: 'text-end', id: 't' })),
    entry('4-28', '5-226', end),
    { t: 'live', s: 's1', i: '5-226' },
  );
  await done;
  expect(view.text).toBe('one two ');
  expect(view.finishes).toEqual([{ isAbort: false, isDisconnect: false, isError: false }]);
});

test('T2: a lost tail: the reply goes on once the log has caught up with what was shown', async () => {
  const { view, done, peer } = await streaming(await setUp(), 'one two ');
  peer.say({ t: 'reset', s: 's1', why: 'diverged' });
  const segments = [{ run: 'r1', chunks: [...opening, delta('one ')] }];
  const items = [
    { id: 'u', message: { id: 'u', role: 'user', parts: [] } },
    { id: 'M1', segments },
  ];
  const snap = { t: 'snap', s: 's1', epoch: 'E1', through: '9-208' };
  peer.say({ ...snap, items: items.slice(0, 1), more: true });
  peer.say({ ...snap, items: items.slice(1), runs: [info], more: false });
  peer.say(entry('9-208', '10-1', chunks(delta('two '))));
  peer.say(entry('10-1', '11-1', chunks(delta('three'), { type: 'text-end', id: 't' })));
  peer.say(entry('11-1', '12-1', end));
  await done;
  expect(view.text).toBe('one two three');
  expect(view.errors).toEqual([]);
});

test('a reset in mid-stream continues with what is new in the snapshot (HF-SUB-3)', async () => {
  const { view, done, peer } = await streaming(await setUp());
  const segments = [{ run: 'r1', chunks: [...opening, delta('one two ')] }];
  peer.say(
    { t: 'reset', s: 's1', why: 'lag' },
    {
      t: 'snap',
      s: 's1',
      epoch: 'E2',
      through: '9-2',
      items: [{ id: 'M1', segments }],
      runs: [info],
      more: false,
    },
    entry('9-2', '10-1', chunks(delta('three'), { type: 'text-end', id: 't' })),
    entry('10-1', '11-1', end),
  );
  await done;
  expect(view.text).toBe('one two three');
});

test.each([
  ['the last', [{ ...info, state: 'finished' }], []],
  ['an earlier', [], [{ id: 'u2', message: { id: 'u2', role: 'user', parts: [] } }]],
])(
  '%s reply that came to rest while nobody listened is completed from the snapshot',
  async (_, runs, later) => {
    const { view, done, peer } = await streaming(await setUp());
    const first = [...opening, delta('one two'), { type: 'text-end', id: 't' }];
    const second = [
      { type: 'text-start', id: 't2' },
      { type: 'text-delta', id: 't2', delta: 'three' },
      { type: 'text-end', id: 't2' },
    ];
    const item = { id: 'M1', segments: [{ run: 'r1', chunks: [...first, ...second] }] };
    const items = [item, ...later];
    peer.say(
      { t: 'reset', s: 's1', why: 'lag' },
      { t: 'snap', s: 's1', epoch: 'E1', through: '90-2', items, runs, more: false },
    );
    await done;
    expect(view.chat.lastMessage?.parts).toMatchObject([
      { type: 'text', text: 'one two', state: 'done' },
      { type: 'text', text: 'three', state: 'done' },
    ]);
    expect(view.errors).toEqual([]);
  },
);

test('a reply that was shown and that the log does not have ends the stream, and resuming mends it', async () => {
  const { view, done, peer } = await streaming(await setUp());
  const segments = [{ run: 'r1', chunks: [...opening, delta('other')] }];
  const snap = { t: 'snap', s: 's1', epoch: 'E1', through: '9-2', runs: [info], more: false };
  peer.say({ t: 'reset', s: 's1', why: 'diverged' }, { ...snap, items: [{ id: 'M1', segments }] });
  peer.say({ t: 'live', s: 's1', i: '9-2' });
  await done;
  expect(view.errors).toMatchObject([{ name: 'HoldfastError', code: 'conflict' }]);
  expect(view.finishes).toEqual([{ isAbort: false, isDisconnect: false, isError: true }]);
  const again = view.chat.resumeStream();
  await view.until(() => view.text === 'other');
  peer.say(entry('9-2', '10-1', chunks({ type: 'text-end', id: 't' })), entry('10-1', '11-1', end));
  await again;
  expect(view.chat.messages.map(textOf)).toEqual(['hi', 'other']);
});

test('a higher attempt that says the same goes on in the same stream (HF-ENT-5)', async () => {
  const { view, done, peer } = await streaming(await setUp());
  const second = (...c: readonly unknown[]) => ({ ...chunks(...c), attempt: 2 });
  peer.say(
    entry('3-160', '4-1', { ...start, attempt: 2, command: 'c' }),
    entry('4-1', '5-1', second(...opening)),
    entry('5-1', '6-1', chunks(delta('a zombie speaks'))),
    entry('6-1', '7-1', second(delta('one '))),
    entry('7-1', '8-1', second(delta('two'), { type: 'text-end', id: 't' })),
    entry('8-1', '9-1', { ...end, attempt: 2 }),
  );
  await done;
  expect(view.text).toBe('one two');
});

test('unknown frames, members, kinds and chunks are ignored, and the position advances (HF-VER-2, HF-VER-3)', async () => {
  const { gateway, clock, view, done, peer } = await streaming(await setUp());
  peer.say({ t: 'weather', s: 's1' });
  peer.say(entry('3-160', '4-1', { k: 'poll', question: '?' }));
  peer.say({
    ...entry('4-1', '5-1', { ...chunks({ type: 'mood', of: 'x' }), why: 1 }),
    extra: true,
  });
  peer.say(entry('5-1', '6-1', chunks(delta('two '))));
  await view.until(() => view.text === 'one two ');
  peer.terminate();
  await clock.waiting(1);
  clock.advance(20_000);
  const next = await gateway.accept();
  next.say({ ...(await resumed(next, 'E1:6-1')), mode: 'replay' });
  next.say(entry('6-1', '7-1', end));
  await done;
});

test('what is no chunk is reported and passed over', async () => {
  const { view, done, peer, errors } = await streaming(await setUp());
  peer.say(entry('3-160', '4-1', chunks(null, { no: 'type' }, delta('two'))));
  peer.say(entry('4-1', '5-1', { k: 'chunks', run: 'r1', attempt: 1, c: 'nonsense' }));
  peer.say(entry('5-1', '6-1', end));
  await done;
  expect(view.text).toBe('one two');
  expect(errors).toMatchObject([{ code: 'bad_request' }, { code: 'bad_request' }]);
});

test('a broken chain subscribes again from the last position, at most once a second (HF-SUB-6)', async () => {
  const { clock, view, done, peer } = await streaming(await setUp());
  peer.say(entry('7-7', '8-1', chunks(delta('a hole'))));
  await peer.expect('unsub');
  await clock.waiting(1);
  clock.advance(999);
  peer.say(entry('8-1', '9-1', chunks(delta('still a hole'))));
  clock.advance(1);
  const { r, pos } = await peer.expect('sub');
  expect(pos).toBe('E1:3-160');
  peer.say({ t: 'subbed', r, s: 's1', epoch: 'E1', top: '4-1', mode: 'replay', recovered: true });
  peer.say(entry('3-160', '4-1', chunks(delta('two'))), entry('4-1', '5-1', end));
  await done;
  expect(view.text).toBe('one two');
});

test('a position that the server cannot read is given up for a snapshot (HF-POS-4)', async () => {
  const { clock, gateway, view, done, peer } = await streaming(await setUp());
  peer.terminate();
  await clock.waiting(1);
  clock.advance(20_000);
  const next = await gateway.accept();
  await next.welcome();
  const { r, pos } = await next.expect('sub');
  expect(pos).toBe('E1:3-160');
  next.say({ t: 'res', r, err: { code: 'bad_request', message: 'unable to subscribe: damaged' } });
  await next.expect('unsub');
  await clock.waiting(1);
  clock.advance(1_000);
  expect((await next.expect('sub')).pos).toBeUndefined();
  expect(view.errors).toEqual([]);
  await view.chat.stop();
  await done;
});

test('what was applied is acknowledged after ackMs, or at once after ackBytes (HF-FLOW-1)', async () => {
  const { clock, peer } = await streaming(await setUp());
  clock.advance(250);
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

test('T4: a stop that comes too late says so', async () => {
  const { peer, transport } = await streaming(await setUp());
  const cancelled = transport.cancel('s1', { run: 'r1' });
  const { r } = await peer.expect('cancel');
  peer.say(entry('3-160', '4-1', end), { t: 'res', r, ok: { state: 'finished' } });
  expect(await cancelled).toBe('finished');
});

test('a cancel that is refused rejects', async () => {
  const { peer, transport } = await streaming(await setUp());
  const cancelled = transport.cancel('s1', { run: 'r1' });
  const { r } = await peer.expect('cancel');
  peer.say({ t: 'res', r, err: { code: 'forbidden', message: 'unable to cancel: not yours' } });
  await expect(cancelled).rejects.toMatchObject({ code: 'forbidden' });
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

test('a session that begins while it is followed gets its epoch (HF-SUB-4)', async () => {
  const { gateway, transport } = await setUp();
  const view = observe({ id: 's1', transport });
  const resumed = view.chat.resumeStream();
  const peer = await gateway.accept();
  await peer.welcome();
  const { r } = await peer.expect('sub');
  const snap = { t: 'snap', s: 's1', through: '0-0', items: [], runs: [], more: false };
  peer.say({ t: 'subbed', r, s: 's1', epoch: '', top: '0-0', mode: 'snapshot', recovered: true });
  peer.say({ ...snap, epoch: '' }, { t: 'live', s: 's1', i: '0-0' });
  await resumed;
  expect(transport.session('s1').position).toBeNull();
  const done = view.chat.sendMessage({ text: 'hi' });
  const { body } = await gateway.posts.take();
  peer.say({ ...snap, epoch: 'E1' });
  peer.say(
    entry('0-0', '1-1', { ...start, command: body.command }),
    entry('1-1', '2-1', chunks(...opening, delta('one'), { type: 'text-end', id: 't' })),
    entry('2-1', '3-1', end),
  );
  await done;
  expect(view.text).toBe('one');
  expect(transport.session('s1').position).toBe('E1:3-1');
});

test.each([
  ['deleted', 'conflict'],
  ['forbidden', 'forbidden'],
])('a session that is closed as %s ends its streams and is known no more', async (why, code) => {
  const { view, done, peer, transport } = await streaming(await setUp());
  expect(transport.session('s1').runs).toHaveLength(1);
  peer.say({ t: 'closed', s: 's1', why });
  await done;
  expect(view.errors).toMatchObject([{ name: 'HoldfastError', code }]);
  expect(transport.session('s1').runs).toEqual([]);
  expect(transport.session('s1').position).toBeNull();
});

test('a frame that is no frame is reported, and the next one is read', async () => {
  const { view, done, peer, errors } = await streaming(await setUp());
  peer.say([] as never, { t: 'snap', s: 's1' }, { t: 'entry', s: 's1', p: '3-160', i: '4-1' });
  peer.say(entry('4-1', '5-1', chunks(delta('two'))), entry('5-1', '6-1', end));
  await done;
  expect(view.text).toBe('one two');
  expect(errors.length).toBeGreaterThan(0);
});

test('an answer to another question is no answer to `sub` (HF-FRM-4)', async () => {
  const { gateway, view, done, peer, clock } = await streaming(await setUp());
  const refused = { code: 'forbidden', message: 'unable to do something else: no' };
  peer.say({ t: 'res', r: 99, err: refused });
  peer.terminate();
  await clock.waiting(1);
  clock.advance(20_000);
  const next = await gateway.accept();
  await next.welcome();
  const sub = await next.expect('sub');
  next.say({ t: 'res', r: sub.r + 90, err: refused });
  const subbed = { t: 'subbed', r: sub.r, s: 's1', epoch: 'E1', top: '3-160', recovered: true };
  next.say({ ...subbed, mode: 'replay' });
  // Nor is one that comes when it was answered.
  next.say({ t: 'res', r: sub.r, err: refused });
  next.say(
    entry('3-160', '4-28', chunks(delta('two '), { type: 'text-end', id: 't' })),
    entry('4-28', '5-226', end),
    { t: 'live', s: 's1', i: '5-226' },
  );
  await done;
  expect(view.text).toBe('one two ');
});
