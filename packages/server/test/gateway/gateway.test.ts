import { connect } from 'node:net';
import { createMemoryLog } from '@holdfast/log';
import { closeCodes } from '@holdfast/protocol';
import { createHoldfast } from '@holdfast/server';
import { expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { answer, replying } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';

const refusal = (url: string, headers: Record<string, string> = {}) =>
  new Promise<number | undefined>((resolve) => {
    const socket = new WebSocket(url, ['holdfast.v1'], { headers });
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode);
      socket.terminate();
    });
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
    socket.on('error', () => {});
  });

it('HF-VER-1: closes a socket that offers no version it speaks', async () => {
  await using server = await startServer();
  const client = await server.dial({ protocols: ['holdfast.v9'] });
  expect((await client.closed).code).toBe(closeCodes.noCommonVersion.code);
  const wrong = await server.dial();
  wrong.send({ t: 'hello', v: 9 });
  expect((await wrong.closed).code).toBe(closeCodes.noCommonVersion.code);
});

it('HF-VER-2: ignores members that it does not know', async () => {
  await using server = await startServer();
  const client = await server.dial();
  client.send({ t: 'hello', v: 1, future: { a: 1 } });
  await client.next('welcome');
});

it('HF-CONN-1: refuses an unknown path and too many connections before the upgrade', async () => {
  await using server = await startServer({ limits: { connections: 1 } });
  const base = server.origin.replace('http', 'ws');
  expect(await refusal(`${base}/elsewhere`)).toBe(404);
  await server.greet();
  expect(await refusal(`${base}/holdfast`)).toBe(429);
});

it('HF-CONN-1: hands only what lies under /_next/ to Next, whose listener ends all it knows', async () => {
  await using server = await startServer();
  const next = vi.fn((_request, socket) => socket.end('HTTP/1.1 418 Next\r\n\r\n'));
  // Next listens from its first request on, long after the gateway was attached.
  server.http.on('upgrade', next);
  const base = server.origin.replace('http', 'ws');
  expect(await refusal(`${base}/_next/hmr?id=1`)).toBe(418);
  expect(await refusal(`${base}/other`)).toBe(404);
  expect(await refusal(`${base}/holdfast`)).toBe(101);
  expect(next).toHaveBeenCalledTimes(1);
});

it('leaves other paths to other listeners when it is told to, and all when it is undone', async () => {
  await using server = await startServer({ attach: { others: 'pass', path: '/live' } });
  const base = server.origin.replace('http', 'ws');
  expect(await refusal(`${base}/other`)).toBe(404);
  server.http.on('upgrade', (_, socket) => socket.end('HTTP/1.1 418 Other\r\n\r\n'));
  expect(await refusal(`${base}/other`)).toBe(418);
  expect(await refusal(`${base}/live`)).toBe(101);
  server.detach();
  expect(await refusal(`${base}/live`)).toBe(418);
});

it('S1, HF-CONN-2: refuses a foreign origin, compared exactly', async () => {
  await using server = await startServer({ origins: ['https://app.example'] });
  const url = `${server.origin.replace('http', 'ws')}/holdfast`;
  const port = new URL(server.origin).port;
  for (const origin of [
    'https://evil.example',
    'null',
    'https://app.example.evil.io',
    'https://app.example:8443',
    `http://127.0.0.1:${Number(port) + 1}`,
  ])
    expect(await refusal(url, { origin }), origin).toBe(403);
  expect(await refusal(url, { origin: 'https://app.example' })).toBe(101);
  expect(await refusal(url, { origin: server.origin })).toBe(101);
  expect(await refusal(url)).toBe(101);
});

it('HF-CONN-3: says by close code that a token was refused', async () => {
  await using server = await startServer({
    authorize: ({ token }) => (token === 'good' ? { id: 'ann' } : null),
  });
  const client = await server.dial();
  client.send({ t: 'hello', v: 1, token: 'bad' });
  expect(await client.closed).toEqual({ code: 4401, reason: 'unauthorized' });
  await server.greet('good');
});

it.each([
  { t: 'sub', r: 1, s: 's1' },
  { t: 'ack', s: 's1', i: '1-1' },
  { t: 'cancel', r: 1, s: 's1', run: 'r' },
  { t: 'ping' },
])('S2, HF-CONN-4: answers $t before hello by 4401 without touching the log', async (frame) => {
  const authorize = vi.fn(() => ({ id: 'ann' }));
  const asked: string[] = [];
  const log = new Proxy(createMemoryLog(), {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        // What a process asks for itself names no session.
        if (given[0] === 's1') asked.push(String(name));
        return Reflect.apply(value, target, given) as unknown;
      };
    },
  });
  await using server = await startServer({ authorize, log });
  const client = await server.dial();
  client.send(frame);
  expect((await client.closed).code).toBe(closeCodes.unauthorized.code);
  expect(authorize).not.toHaveBeenCalled();
  expect(asked).toEqual([]);
});

it('HF-CONN-4: closes a socket that stays silent, and one that says hello twice', async () => {
  await using server = await startServer({ limits: { helloTimeoutMs: 1 } });
  const silent = await server.dial();
  expect((await silent.closed).code).toBe(closeCodes.helloTimeout.code);
  await using second = await startServer();
  const eager = await second.greet();
  eager.send({ t: 'hello', v: 1 });
  expect((await eager.closed).code).toBe(closeCodes.badFrame.code);
});

it('HF-CONN-5: handles frames that come right behind hello, in order', async () => {
  await using server = await startServer();
  const client = await server.dial();
  client.send({ t: 'hello', v: 1 });
  client.send({ t: 'sub', r: 1, s: 's1' });
  client.send({ t: 'ping' });
  await client.next('live');
  await client.next('pong');
  expect(client.frames.map((frame) => frame.t)).toEqual([
    'welcome',
    'subbed',
    'snap',
    'live',
    'pong',
  ]);
});

it.each([
  ['no JSON', '{', 4400],
  ['no object', '[]', 4400],
  ['an unknown type', '{"t":"append","c":[]}', 4400],
  ['a member of the wrong form', '{"t":"sub","r":"1","s":"s1"}', 4400],
  ['a session id with braces', '{"t":"sub","r":1,"s":"{x}"}', 4400],
  ['10,000 levels', `{"t":"ping","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 4400],
  ['too many bytes', JSON.stringify({ t: 'ping', x: 'x'.repeat(70_000) }), 1009],
  ['binary data', Buffer.from('{"t":"ping"}'), 4400],
])('HF-FRM-1: closes on a frame with %s', async (_, frame, code) => {
  await using server = await startServer();
  const client = await server.greet();
  client.raw(frame);
  expect((await client.closed).code).toBe(code);
});

it('HF-LIVE-1: pings a silent socket and closes it when it does not answer', async () => {
  await using server = await startServer({ limits: { heartbeatMs: 1, pongTimeoutMs: 1_500 } });
  const client = await server.greet();
  await client.next('ping');
  expect((await client.closed).code).toBe(closeCodes.noPong.code);
});

it('asks for new credentials before they end, takes them in place, and closes without them', async () => {
  await using server = await startServer({
    authorize: ({ token = '' }) => ({
      id: token.slice(0, 3),
      expiresInMs: token === 'ann:1' ? 4_500 : 1,
    }),
  });
  const client = await server.greet('ann:1');
  await client.next('reauth');
  client.send({ t: 'auth', r: 1, token: 'ann:2' });
  expect(await client.next('res')).toEqual({ t: 'res', r: 1, ok: {} });
  expect((await client.closed).code).toBe(closeCodes.tokenExpired.code);
  const stranger = await server.greet('ann:1');
  stranger.send({ t: 'auth', r: 1, token: 'bob:1' });
  expect((await stranger.closed).code).toBe(closeCodes.forbidden.code);
}, 60_000);

it('answers a deleted session with `closed`', async () => {
  await using server = await startServer({ agent: replying(...answer('x')) });
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  await fetch(`${server.api}/s1`, { method: 'DELETE' });
  expect(await client.next('closed')).toEqual({ t: 'closed', s: 's1', why: 'deleted' });
});

it('survives a socket that is reset in its handshake, and tells clients to move on when it closes', async () => {
  await using server = await startServer();
  const { port } = new URL(server.origin);
  const raw = connect(Number(port), '127.0.0.1');
  raw.write('GET /holdfast HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n');
  raw.resetAndDestroy();
  const client = await server.greet();
  const closing = server.holdfast.close({ drainMs: 50 });
  expect((await client.next('drain')).spreadMs).toBe(50);
  expect((await client.closed).code).toBe(closeCodes.restart.code);
  await closing;
  expect(server.holdfast.connections).toBe(0);
});

it('HF-CONN-10 limits that a client would pass by following what it may are refused in words', () => {
  const begin = (limits: object) => () =>
    createHoldfast({ authorize: () => ({ id: 'ann' }), limits });
  expect(begin({ framesBurst: 255 })).toThrow(/limits\.framesBurst is 255.*says 256 frames/);
  expect(begin({ framesBurst: 7, subscriptions: 2 })).toThrow(/lower limits\.subscriptions/);
  expect(begin({ framesBurst: 8, subscriptions: 2 })).not.toThrow();
  expect(begin({ subscriptions: 1_000 })).not.toThrow();
});
