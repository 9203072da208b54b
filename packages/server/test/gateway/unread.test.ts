import { closeCodes, type Message } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { type TestServer, type TestServerOptions, userMessage } from '../support/server.ts';
import { UnreadSocket } from '../support/unread-socket.ts';

const windowBytes = 100_000;
const messageBytes = 50_000;

const large = (count: number): Message[] =>
  Array.from({ length: count }, (_, at) => userMessage(`m${at}`, 'x'.repeat(messageBytes)));

async function serve(options: TestServerOptions = {}): Promise<TestServer> {
  return await startOwnServer({
    ...options,
    limits: { windowBytes, pageMessages: 200, ...options.limits },
  });
}

/** What may wait: the window, and the frame that filled it, which may have two items. */
const bound = windowBytes + 2 * messageBytes + 1_000;

it('HF-FLOW-7: a snapshot goes on as fast as the network takes it, in order, each message once', async () => {
  const { holdfast } = await serve();
  const messages = large(40);
  await holdfast.session('s').seed(messages as never);
  const socket = new UnreadSocket(holdfast);
  socket.say({ t: 'sub', r: 1, s: 's' });
  await vi.waitFor(() => expect(socket.waiting).toBeGreaterThan(windowBytes));
  while (socket.of('live').length === 0) {
    expect(socket.waiting).toBeLessThan(bound);
    socket.drain();
    await new Promise(setImmediate);
  }
  expect(socket.of('snap').flatMap(({ items }) => items.map(({ id }) => id))).toEqual(
    messages.map(({ id }) => id),
  );
  expect(socket.of('snap').filter(({ more }) => !more)).toHaveLength(1);
});

it('HF-FLOW-7: subscribing again and again without reading adds nothing to what waits', async () => {
  const { holdfast } = await serve();
  await holdfast.session('s').seed(large(40) as never);
  const socket = new UnreadSocket(holdfast);
  for (let round = 0; round < 45; round++) {
    socket.say({ t: 'sub', r: round, s: 's' });
    socket.say({ t: 'unsub', s: 's' });
  }
  socket.say({ t: 'sub', r: 100, s: 's' });
  socket.say({ t: 'ping' });
  await vi.waitFor(() => expect(socket.of('pong')).toHaveLength(1));
  expect(socket.most).toBeLessThan(bound);
  expect(socket.code).toBeNull();
  // It has its answer once it reads.
  socket.drain();
  await vi.waitFor(() => expect(socket.of('subbed').at(-1)).toMatchObject({ r: 100 }));
});

it('HF-FLOW-7: many sessions at once are held to the same, and each is served when it is read', async () => {
  const { holdfast } = await serve();
  const sessions = Array.from({ length: 30 }, (_, at) => `s${at}`);
  for (const each of sessions) await holdfast.session(each).seed(large(10) as never);
  const socket = new UnreadSocket(holdfast);
  for (const [r, s] of sessions.entries()) socket.say({ t: 'sub', r, s });
  socket.say({ t: 'ping' });
  await vi.waitFor(() => expect(socket.of('pong')).toHaveLength(1));
  expect(socket.most).toBeLessThan(bound);
  while (socket.of('live').length < sessions.length) {
    expect(socket.waiting).toBeLessThan(bound);
    socket.drain();
    await new Promise(setImmediate);
  }
  // None began while another one's beginning was waiting for the network.
  const began = socket.waited.filter((_, at) => socket.frames[at]?.t === 'subbed');
  expect(began).toHaveLength(sessions.length);
  expect(Math.max(...began)).toBeLessThanOrEqual(windowBytes);
  for (const s of sessions) {
    const items = socket.of('snap').flatMap((frame) => (frame.s === s ? frame.items : []));
    expect(items.map(({ id }) => id)).toEqual(large(10).map(({ id }) => id));
  }
});

it('HF-FLOW-7: a replay is held to it too, and comes whole', async () => {
  const gated = gatedAgent();
  const server = await serve({ agent: gated.agent });
  const { holdfast } = server;
  const first = new UnreadSocket(holdfast, { isReading: true });
  first.say({ t: 'sub', r: 1, s: 's' });
  const { position } = await server.send({ id: 's', message: userMessage('u', 'Hi') });
  gated.emit(...answer('').slice(0, 2));
  for (let at = 1; at <= 12; at++) {
    gated.emit({ type: 'text-delta', id: 't', delta: 'y'.repeat(messageBytes) });
    await vi.waitFor(() => expect(gated.pending).toBe(0));
  }
  gated.end();
  await vi.waitFor(() => {
    first.say({ t: 'ack', s: 's', i: first.of('entry').at(-1)?.i });
    expect(first.of('entry').at(-1)?.d.k).toBe('run-end');
  });
  const socket = new UnreadSocket(holdfast);
  socket.say({ t: 'sub', r: 1, s: 's', pos: position });
  await vi.waitFor(() => expect(socket.waiting).toBeGreaterThan(windowBytes));
  await vi.waitFor(() => {
    socket.drain();
    socket.say({ t: 'ack', s: 's', i: socket.of('entry').at(-1)?.i });
    expect(socket.of('live')).toHaveLength(1);
  });
  expect(socket.most).toBeLessThan(bound);
  expect(socket.of('entry').map(({ i }) => i)).toEqual(first.of('entry').map(({ i }) => i));
});

it('HF-FLOW-7: who is there is told to a socket that does not read when it does again', async () => {
  const { holdfast } = await serve();
  await holdfast.session('s').seed(large(10) as never);
  const ada = new UnreadSocket(holdfast, { isReading: true });
  const bob = new UnreadSocket(holdfast);
  ada.say({ t: 'sub', r: 1, s: 's' });
  bob.say({ t: 'sub', r: 1, s: 's' });
  for (const each of [ada, bob])
    await vi.waitFor(() => {
      each.drain();
      const through = each.of('snap').at(-1)?.through;
      if (through) each.say({ t: 'ack', s: 's', i: through });
      expect(each.of('live')).toHaveLength(1);
    });
  bob.waiting = windowBytes + 1;
  const before = bob.waiting;
  ada.say({ t: 'presence', s: 's', state: 'here' });
  await vi.waitFor(() => expect(ada.of('presence')).toHaveLength(1));
  expect(bob.waiting).toBe(before);
  await vi.waitFor(() => {
    bob.drain();
    ada.say({ t: 'presence', s: 's', state: 'typing' });
    expect(bob.of('presence').at(-1)?.who).toMatchObject([{ state: 'typing' }]);
  }, 60_000);
});

it('HF-FLOW-7: a subscription that nobody reads for stallMs ends its socket, which can resume', async () => {
  const { holdfast } = await serve({ limits: { stallMs: 1 } });
  const socket = new UnreadSocket(holdfast);
  socket.waiting = windowBytes + 1;
  socket.say({ t: 'sub', r: 1, s: 's' });
  await vi.waitFor(() => expect(socket.code).toBe(closeCodes.slowConsumer.code), 5_000);
  expect(socket.of('subbed')).toEqual([]);
});

it('HF-FLOW-6: a socket that takes no answers is closed before they fill the memory', async () => {
  const socketBytes = 2_000;
  const { holdfast } = await serve({
    limits: { socketBytes, framesBurst: 10_000, framesPerSecond: 10_000 },
  });
  const socket = new UnreadSocket(holdfast);
  for (let at = 0; at < 1_000; at++) socket.say({ t: 'ping' });
  await vi.waitFor(() => expect(socket.code).toBe(closeCodes.slowConsumer.code));
  expect(socket.most).toBeLessThan(socketBytes + 200);
  expect(holdfast.connections).toBe(0);
});

it('F9, S9: a socket that subscribes and never reads leaves the memory bounded, and others unharmed', async () => {
  const gated = gatedAgent();
  const server = await serve({
    agent: gated.agent,
    limits: { framesPerSecond: 1_000, framesBurst: 1_000 },
  });
  const sockets: { readonly writableLength: number }[] = [];
  server.http.on('upgrade', (_, socket) => sockets.push(socket));
  await server.holdfast.session('s').seed(large(60) as never);
  const reader = await server.greet();
  reader.send({ t: 'sub', r: 1, s: 's' });
  reader.send({ t: 'ack', s: 's', i: (await reader.next('snap')).through });
  await reader.next('live');
  await server.send({ id: 's', message: userMessage('u', 'Hi') });
  gated.emit(...answer('').slice(0, 2));
  const attackers = await Promise.all(Array.from({ length: 5 }, () => server.greet()));
  for (const { socket } of attackers) socket.pause();
  const most = () => Math.max(...sockets.map(({ writableLength }) => writableLength));
  let peak = 0;
  for (let round = 0; round < 40; round++) {
    for (const attacker of attackers) {
      attacker.send({ t: 'sub', r: round, s: 's' });
      attacker.send({ t: 'unsub', s: 's' });
    }
    gated.emit({ type: 'text-delta', id: 't', delta: `${round} ` });
    await vi.waitFor(() => {
      reader.send({ t: 'ack', s: 's', i: reader.entries.at(-1)?.i });
      expect(JSON.stringify(reader.entries)).toContain(`${round} "`);
    });
    peak = Math.max(peak, most());
  }
  expect(peak).toBeLessThan(bound);
  gated.end();
}, 60_000);
