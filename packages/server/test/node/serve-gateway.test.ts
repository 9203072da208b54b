import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createHoldfast, type Holdfast } from '../../src/index.ts';
import { type ServeGatewayOptions, serveGateway } from '../../src/node/index.ts';
import { WireClient } from '../support/wire-client.ts';

const prefix = crypto.randomUUID();

/** A copy of one application, as each hot reload makes one: which one answers is told by the name it gives. */
function copy(name: string, ownPrefix = prefix): Holdfast & { readonly asked: string[] } {
  const asked: string[] = [];
  const holdfast = createHoldfast({
    prefix: ownPrefix,
    authorize: ({ action }) => {
      asked.push(action);
      return { id: name };
    },
  });
  onTestFinished(() => holdfast.close());
  return Object.assign(holdfast, { asked });
}

async function serve(holdfast: Holdfast, options: ServeGatewayOptions = {}) {
  vi.spyOn(console, 'info').mockImplementation(() => {});
  const gateway = await serveGateway(holdfast, { port: 0, signals: false, ...options });
  onTestFinished(() => gateway.close());
  return gateway;
}

async function greet(port: number, path = '/holdfast') {
  const client = new WireClient(new WebSocket(`ws://127.0.0.1:${port}${path}`, 'holdfast.v1'));
  try {
    await client.opened;
    client.send({ t: 'hello', v: 1 });
    await client.next('welcome');
  } finally {
    // A server that closes waits for it.
    client.terminate();
  }
}

/** A port that nobody listens on just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it('serves sockets on a port of its own, and says of other requests that it has nothing else', async () => {
  const holdfast = copy('a');
  const { port } = await serve(holdfast, { path: '/live' });
  await greet(port, '/live');
  expect(holdfast.asked).toEqual(['connect']);
  const other = await fetch(`http://127.0.0.1:${port}/`);
  expect([other.status, await other.text()]).toEqual([404, expect.stringContaining('WebSockets')]);
});

describe('where the environment says', () => {
  async function serveAt(said: string) {
    vi.stubEnv('HOLDFAST_PORT', said);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    vi.spyOn(console, 'info').mockImplementation(() => {});
    const gateway = await serveGateway(copy('a'), { signals: false });
    onTestFinished(() => gateway.close());
    return gateway.port;
  }

  it('listens', async () => {
    const port = await freePort();
    expect(await serveAt(String(port))).toBe(port);
  });

  it('listens at a free port for 0, and not where pages look by default', async () => {
    expect([0, 3001]).not.toContain(await serveAt('0'));
  });

  it.each(['chat', '70000', '-1'])('refuses %s, which is no port', async (said) => {
    await expect(serveAt(said)).rejects.toMatchObject({
      code: 'unavailable',
      message: `unable to serve the gateway: HOLDFAST_PORT is ${said}, which is no port; give 0 to 65535, or leave it out`,
    });
  });
});

it('is one for each port of a process, and serves whoever came last', async () => {
  const [first, second] = [copy('first'), copy('second')];
  const port = await freePort();
  await serve(first, { port });
  await greet(port);
  await serve(second, { port });
  await greet(port);
  expect([first.asked, second.asked]).toEqual([['connect'], ['connect']]);
});

it('stops listening at once, while its sockets stay until the holdfast is closed', async () => {
  const holdfast = copy('a');
  const gateway = await serve(holdfast);
  const { port } = gateway;
  const client = new WireClient(new WebSocket(`ws://127.0.0.1:${port}/holdfast`, 'holdfast.v1'));
  await client.opened;
  client.send({ t: 'hello', v: 1 });
  await client.next('welcome');
  await gateway.close();
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  client.send({ t: 'ping' });
  await client.next('pong');
  await holdfast.close();
  expect((await client.closed).code).toBe(1012);
});

it('a port that is taken is told of in words, and may be had when it is free', async () => {
  const other = createServer().listen(0);
  const { port } = other.address() as AddressInfo;
  await expect(serve(copy('a'), { port })).rejects.toMatchObject({
    code: 'unavailable',
    message: `unable to serve the gateway: port ${port} is taken; end what listens there, or give another port`,
  });
  await new Promise((resolve) => other.close(resolve));
  expect((await serve(copy('a'), { port })).port).toBe(port);
});

it.each([
  ['development', ['first', 'second']],
  ['production', ['first', 'first']],
])(
  'in %s new sockets are let in by %j, when a hot reload has made another copy',
  async (env, by) => {
    vi.stubEnv('NODE_ENV', env);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const [first, second, other] = [copy('first'), copy('second'), copy('other', 'another')];
    const asked = () => [first, second, other].map((each) => each.asked.length);
    const { port } = await serve(first);
    await greet(port);
    expect(asked()).toEqual([1, 0, 0]);
    // Each is used as a route uses it; one with a store of its own is another application.
    second.register(() => (async function* () {})());
    other.register(() => (async function* () {})());
    await greet(port);
    expect(asked()).toEqual(by[1] === 'first' ? [2, 0, 0] : [1, 1, 0]);
  },
);

it('tells whether it is ready and alive where it is asked to, in two words', async () => {
  const holdfast = copy('a');
  const { port } = await serve(holdfast, { health: '/health' });
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, response.ok || response.status === 503 ? await response.json() : null];
  };
  expect(await ask('/health?now')).toEqual([200, { ready: true, phase: 'open' }]);
  expect(await ask('/health/live')).toEqual([200, { ready: true, phase: 'live' }]);
  expect(await ask('/healthy')).toEqual([404, null]);
  await greet(port);
  await holdfast.close();
  expect(await ask('/health')).toEqual([503, { ready: false, phase: 'closed' }]);
  expect(await ask('/health/live')).toEqual([200, { ready: true, phase: 'live' }]);
});
