import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { asRequest } from '../../src/gateway/as-request.ts';
import { Wire } from '../fuzz/wire.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** A socket that is opened, or the status with which it was refused. */
async function opened({ origin }: TestServer, path = '/holdfast', protocols = ['holdfast.v1']) {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, protocols);
  onTestFinished(() => socket.terminate());
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const status = await new Promise((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('error', () => {});
  });
  return { socket, closed, status };
}

const wireTo = ({ origin }: TestServer, text: string): Wire => {
  const wire = new Wire(Number(new URL(origin).port));
  onTestFinished(() => wire.destroy());
  wire.write(text);
  return wire;
};

it('HF-CONN-1: there is one path, and nothing below it', async () => {
  await using server = await startServer();
  expect((await opened(server, '/holdfast')).status).toBe(101);
  expect((await opened(server, '/holdfast/x')).status).toBe(404);
});

it('frames are texts, without compression', async () => {
  await using server = await startServer();
  const { socket } = await opened(server);
  expect(socket.extensions).toBe('');
  const first = new Promise((resolve) => socket.once('message', (...given) => resolve(given[1])));
  socket.send(JSON.stringify({ t: 'hello', v: 1 }));
  expect(await first).toBe(false);
});

it('HF-CONN-1: a process that closes refuses sockets before the upgrade', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const closing = server.holdfast.close({ runsMs: 30_000 });
  expect((await opened(server)).status).toBe(503);
  gated.end();
  await closing;
});

it('HF-CONN-8: so many upgrades are left to others at once, and no more', async () => {
  await using server = await startServer({
    attach: { others: 'pass' },
    limits: { connections: 1 },
  });
  const passed: Duplex[] = [];
  const left = new Promise<void>((resolve) => {
    server.http.on('upgrade', (_, socket) => {
      passed.push(socket);
      resolve();
    });
  });
  const ask = (path: string) =>
    [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', '\r\n'].join(
      '\r\n',
    );
  wireTo(server, ask('/first'));
  await left;
  await wireTo(server, ask('/second')).closed();
  expect(passed).toHaveLength(1);
  for (const each of passed) each.destroy();
});

it('HF-CONN-8: h2c is an ordinary request also where others listen for upgrades', async () => {
  await using server = await startServer();
  const upgrades = vi.fn();
  server.http.on('upgrade', upgrades);
  const lines = ['GET /api/chat/s1 HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: h2c'];
  const wire = wireTo(server, [...lines, '\r\n'].join('\r\n'));
  expect((await wire.answer())?.status).toBe(200);
  expect(upgrades).not.toHaveBeenCalled();
});

it('a fault while a socket is taken is reported, and ends that one only', async () => {
  await using server = await startServer();
  const { emit } = server.http;
  // A framework that tells of every upgrade twice.
  server.http.emit = (event: string, ...values: unknown[]) => {
    if (event === 'upgrade') Reflect.apply(emit, server.http, [event, ...values]);
    return Boolean(Reflect.apply(emit, server.http, [event, ...values]));
  };
  const twice = await opened(server);
  await twice.closed;
  expect(server.errors).toHaveLength(1);
  server.http.emit = emit;
  expect((await opened(server)).status).toBe(101);
});

it('HF-CONN-8: a socket that is open stays, whatever had a time before', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await using server = await startServer();
  const sockets = [await opened(server), await opened(server, '/holdfast', [])];
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  await new Promise((resolve) => setImmediate(resolve));
  for (const { socket } of sockets) {
    socket.ping();
    await new Promise((resolve) => socket.once('pong', resolve));
  }
});

it.each([
  ['a fault', new Error('the database is away'), 1],
  ['nobody', null, 0],
])(
  'HF-STK-2: a stock socket of %s is none of a participant, and is reported as that',
  async (_, answer, count) => {
    await using server = await startServer({
      authorize: () => {
        if (answer) throw answer;
        return null;
      },
    });
    expect((await opened(server, '/holdfast', [])).status).toBe(101);
    expect(server.errors).toHaveLength(count);
  },
);

it('HF-FLOW-6: what the network has taken lets go on what waited, without another look', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using server = await startServer({
    limits: { windowBytes: 100_000, pageMessages: 400 },
  });
  const large = Array.from({ length: 400 }, (_, at) => userMessage(`m${at}`, 'x'.repeat(50_000)));
  await server.holdfast.session('s1').seed(large as never);
  const client = await server.greet();
  client.socket.pause();
  client.send({ t: 'sub', r: 1, s: 's1' });
  for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate);
  client.socket.resume();
  await client.next('live');
}, 60_000);

it('HF-CONN-8: a request goes back by the event by which its connection came', async () => {
  const server = createServer((incoming, outgoing) => outgoing.end(incoming.headers.connection));
  const events: string[] = [];
  server.on('secureConnection', (socket) => {
    events.push('secureConnection');
    server.emit('connection', socket);
  });
  server.on('upgrade', (...event) => {
    Object.assign(event[1], { encrypted: true });
    asRequest(server, event);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const wire = new Wire(port);
  onTestFinished(() => wire.destroy());
  const lines = ['GET /x HTTP/1.1', 'Host: x', 'Connection: keep-alive, Upgrade', 'Upgrade: h2c'];
  wire.write([...lines, '\r\n'].join('\r\n'));
  expect((await wire.answer())?.status).toBe(200);
  expect(events).toEqual(['secureConnection']);
});
