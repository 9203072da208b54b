import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { closeCodes } from '@holdfast/protocol';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { asRequest } from '../../src/gateway/as-request.ts';
import { textFrame, Wire } from '../fuzz/wire.ts';
import { fakeSocket } from '../support/fake-socket.ts';
import { saying } from '../support/gated-agent.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';

afterEach(() => {
  vi.useRealTimers();
});

const upgrade = (target: string, ...headers: readonly string[]): string =>
  [
    `GET ${target} HTTP/1.1`,
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: holdfast.v1',
    ...headers,
    '\r\n',
  ].join('\r\n');

interface Peers extends Disposable {
  readonly wires: readonly Wire[];
  readonly one: Wire;
}

/** Peers that ask for an upgrade and never close by themselves, until the test is over. */
function peers(server: TestServer, count: number, text: string): Peers {
  const port = Number(new URL(server.origin).port);
  const one = new Wire(port);
  const wires = [one, ...Array.from({ length: count - 1 }, () => new Wire(port))];
  for (const wire of wires) wire.write(text);
  return {
    wires,
    one,
    [Symbol.dispose]: () => {
      for (const wire of wires) wire.destroy();
    },
  };
}

const socketsOf = ({ http }: TestServer): Promise<number> =>
  new Promise((resolve) => http.getConnections((_, count) => resolve(count)));

const soon = { timeout: 20_000 };

it('HF-CONN-8: refused peers that never close are gone, and the server closes', async () => {
  const refusals: [target: string, header: string, status: number][] = [
    ['/elsewhere', 'X-A: b', 404],
    ['/holdfast', 'Origin: https://evil.example', 403],
    ['/holdfast', 'Host: twice', 400],
    ['/holdfast/..', 'X-A: b', 400],
    ['/holdfast', 'Sec-WebSocket-Version: 7', 400],
  ];
  await using server = await startServer();
  await Promise.all(
    refusals.map(async ([target, header, status]) => {
      for (const wire of peers(server, 30, upgrade(target, header)).wires)
        expect([target, header, (await wire.answer())?.status]).toEqual([target, header, status]);
    }),
  );
  await new Promise((resolve) => server.http.close(resolve));
  expect(await socketsOf(server)).toBe(0);
}, 60_000);

it('HF-CONN-8: `connections` holds when peers do not close: over it they are refused and gone', async () => {
  await using server = await startServer({ limits: { connections: 50 } });
  using all = peers(server, 250, upgrade('/holdfast'));
  const statuses = await Promise.all(all.wires.map(async (wire) => (await wire.answer())?.status));
  expect(statuses.filter((status) => status === 101)).toHaveLength(50);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  await expect.poll(() => socketsOf(server), soon).toBe(50);
}, 60_000);

it('HF-CONN-8: `connections` holds for stock clients while the application says who they are', async () => {
  const { promise: admitted, resolve: admit } = Promise.withResolvers<{ id: string }>();
  const authorize = vi.fn(() => admitted);
  await using server = await startServer({ authorize, limits: { connections: 3 } });
  const offered = upgrade('/holdfast').replace(/Sec-WebSocket-Protocol.*\r\n/, '');
  using all = peers(server, 20, offered);
  await vi.waitFor(() => expect(authorize).toHaveBeenCalled());
  await expect.poll(() => socketsOf(server)).toBe(3);
  expect(authorize).toHaveBeenCalledTimes(3);
  admit({ id: 'u' });
  await expect.poll(() => server.holdfast.connections).toBe(3);
  expect(await socketsOf(server)).toBe(3);
  expect(all.wires).toHaveLength(20);
});

it('HF-CONN-8: a place is free when the socket is gone, not when it is asked to close', async () => {
  await using server = await startServer({ limits: { connections: 1 } });
  const statusOf = async (): Promise<number | undefined> => {
    using other = peers(server, 1, upgrade('/holdfast'));
    return (await other.one.answer())?.status;
  };
  using first = peers(server, 1, upgrade('/holdfast'));
  expect((await first.one.answer())?.status).toBe(101);
  // It is closed for that, and does not answer the close.
  first.one.write(textFrame('no frame'));
  expect((await first.one.frame())?.op).toBe(8);
  expect(server.holdfast.connections).toBe(0);
  expect(await statusOf()).toBe(429);
  first.one.destroy();
  await expect.poll(statusOf, soon).toBe(101);
}, 60_000);

it('HF-CONN-8: an upgrade that was left to others, and that nobody answers, is closed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await using server = await startServer({ attach: { others: 'pass' } });
  const passed = new Promise((resolve) => server.http.on('upgrade', resolve));
  const answered = new Promise((resolve) => {
    server.http.on('upgrade', ({ url }, socket) => {
      if (url === '/refused') socket.end('HTTP/1.1 418 No\r\nContent-Length: 0\r\n\r\n');
      socket.on('error', () => {}).on('end', () => socket.destroy());
      if (url === '/answered') socket.resume().write('HTTP/1.1 101 Yes\r\n\r\n', resolve);
    });
  });
  using silent = peers(server, 1, upgrade('/unanswered'));
  // It sends what nobody reads, and would not be missed when it goes.
  using refused = peers(server, 1, `${upgrade('/refused')}more`);
  expect((await refused.one.answer())?.status).toBe(418);
  using served = peers(server, 1, upgrade('/answered'));
  await Promise.all([passed, answered]);
  await expect.poll(() => socketsOf(server)).toBe(3);
  vi.advanceTimersByTime(30_000);
  vi.useRealTimers();
  await silent.one.closed();
  expect((await served.one.answer())?.status).toBe(101);
  expect(await socketsOf(server)).toBe(1);
});

it('HF-CONN-8: an upgrade that was left to others, and is reset, ends nothing', async () => {
  await using server = await startServer({ attach: { others: 'pass' } });
  const gone = new Promise((resolve) =>
    server.http.on('upgrade', (_, socket) => {
      // It is read, so that the reset is noticed, by a listener that forgets what can go wrong.
      socket.resume().once('close', resolve);
      callers.one.reset();
    }),
  );
  using callers = peers(server, 1, upgrade('/other'));
  await gone;
});

const h2c = (line: string, ...headers: readonly string[]): string =>
  [
    `${line} HTTP/1.1`,
    'Host: x',
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA',
    ...headers,
    '\r\n',
  ].join('\r\n');

it('HF-CONN-8: a request that offers h2c is an ordinary one', async () => {
  await using server = await startServer({ agent: saying('x') });
  using all = peers(server, 1, h2c('GET /api/chat/s1'));
  const { one: wire } = all;
  expect((await wire.answer())?.status).toBe(200);
  const body = JSON.stringify({
    id: 's1',
    command: 'c',
    trigger: 'submit-message',
    message: userMessage('m1', 'Hi'),
  });
  const type = 'Content-Type: application/json';
  wire.write(h2c('POST /api/chat', type, `Content-Length: ${body.length}`) + body);
  expect((await wire.answer())?.status).toBe(200);
  wire.write(h2c('GET /other'));
  expect((await wire.answer())?.status).toBe(404);
});

it('HF-CONN-8: where Node made an upgrade of it already, the request goes back to the server', async () => {
  const server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    outgoing.end(
      `${incoming.method} ${incoming.headers.upgrade} ${incoming.headers['x-a']} ${body}`,
    );
  });
  server.on('upgrade', (...event) => asRequest(server, event));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const wire = new Wire(port);
  wire.write(`${h2c('POST /x', 'Content-Length: 5', 'X-A: \u00e9')}he`);
  wire.write('llo');
  expect((await wire.answer())?.status).toBe(200);
  wire.write(h2c('GET /y'));
  expect((await wire.answer())?.status).toBe(200);
  wire.destroy();
});

it.each([
  ['asks the server', false],
  ['has made an upgrade of it', true],
])(
  'HF-CONN-8: an upgrade in the middle of an answer leaves that whole, where Node %s',
  async (_, isMade) => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<ServerResponse>();
    const http = createServer((incoming, outgoing) => {
      if (incoming.url === '/slow') begin(outgoing);
      else outgoing.writeHead(404, { 'content-length': 0 }).end();
    });
    await using server = await startServer();
    server.holdfast.attach(http);
    // Older versions of Node never ask, and an application may have set what answers.
    if (isMade) Object.assign(http, { shouldUpgradeCallback: () => true });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      http.closeAllConnections();
      http.close();
    });
    const wire = new Wire((http.address() as AddressInfo).port);
    wire.write(`GET /slow HTTP/1.1\r\nHost: x\r\n\r\n${upgrade('/holdfast')}`);
    // More than the system takes at once, so that it is written piece by piece.
    const half = 'x'.repeat(4_000_000);
    await pipeline(Readable.from([half, half]), await begun);
    expect((await wire.answer())?.status).toBe(200);
    expect((await wire.answer())?.status).toBe(404);
    // Behind an answer it is an upgrade, as ever.
    wire.write(upgrade('/holdfast'));
    expect((await wire.answer())?.status).toBe(101);
    wire.destroy();
  },
);

it.each([
  ['evil', 'https://evil.example'],
  ['null', 'null'],
  ['a suffix', 'http://x.evil.example'],
  ['another port', 'http://x:8080'],
])('S1: a socket from %s is refused at every door', async (_, origin) => {
  const authorize = vi.fn(() => ({ id: 'u' }));
  await using server = await startServer({ authorize });
  using all = peers(server, 1, upgrade('/holdfast', `Origin: ${origin}`, 'Cookie: session=1'));
  expect((await all.one.answer())?.status).toBe(403);
  const socket = fakeSocket();
  server.holdfast.accept(socket, new Request('http://x/', { headers: { host: 'x', origin } }));
  expect(socket.code).toBe(closeCodes.forbidden.code);
  socket.say({ t: 'hello', v: 1 });
  expect(authorize).not.toHaveBeenCalled();
});

it('S2: 1,000 silent sockets, whose peers never close, are gone, and nobody was asked', async () => {
  const authorize = vi.fn(() => ({ id: 'u' }));
  await using server = await startServer({ authorize, limits: { helloTimeoutMs: 500 } });
  using all = peers(server, 1_000, upgrade('/holdfast'));
  for (const wire of all.wires) expect((await wire.answer())?.status).toBe(101);
  await expect.poll(() => socketsOf(server), soon).toBe(0);
  expect(authorize).not.toHaveBeenCalled();
}, 60_000);
