import { createServer, type Server } from 'node:net';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { expect, it, onTestFinished } from 'vitest';
import { createRedisLog } from '../src/redis/index.ts';
import { logAt } from './support/redis-fixture.ts';

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  return 'taken';
};

it.each([
  ['https://eager-cat.upstash.io', 'https'],
  ['http://localhost:6379', 'http'],
  ['wss://host', 'wss'],
  ['valkey://host:6379', 'valkey'],
  ['unix:///run/redis.sock', 'unix'],
  ['postgres://user:secret@host/db', 'postgres'],
])('an address of something else is refused at once, with its kind: %s', (url, scheme) => {
  const told = refusal(() => logAt(url));
  expect(told).toMatch(new RegExp(`option \`redis\` .* begins with ${scheme}://.* REST API`));
  expect(told).not.toMatch(/eager|secret|localhost/);
});

it.each<readonly [string, unknown]>([
  ['an object of settings', { host: 'localhost', port: 6379 }],
  [
    'a client of node-redis',
    { options: {}, duplicate: () => {}, connect: () => {}, isOpen: false },
  ],
  ['a client over REST', { client: {}, get: () => {} }],
  ['a port', 6379],
  ['nothing', null],
  ['a URL object', new URL('redis://localhost')],
])('what is no instance of ioredis is refused at once: %s', (_, redis) => {
  expect(refusal(() => createRedisLog({ redis: redis as string }))).toMatch(
    /option `redis` is neither a URL nor an instance .*new Redis\(settings\)/,
  );
});

const answering = async (greet: (server: Server) => void): Promise<number> => {
  const server = createServer();
  greet(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as { port: number }).port;
};

it.each<readonly [string, () => Promise<string>, RegExp]>([
  [
    'nobody is there',
    async () => 'redis://127.0.0.1:1',
    /ECONNREFUSED.*look whether it runs there/,
  ],
  ['there is no such name', async () => 'redis://nowhere.invalid', /no such address: look whether/],
  ['no such socket', async () => '/nowhere/redis.sock', /ENOENT.*no such address/],
  [
    'it hangs up',
    async () => {
      const port = await answering((server) => server.on('connection', (peer) => peer.destroy()));
      return `redis://127.0.0.1:${port}`;
    },
    /never worked, .*with rediss:\/\//,
  ],
  [
    'TLS is not there',
    async () => {
      const server = await RedisServer.start();
      onTestFinished(() => server[Symbol.asyncDispose]());
      return `rediss://127.0.0.1:${server.port}`;
    },
    /in time; look whether it runs there.* redis:\/\//,
  ],
  [
    'it is a web server',
    async () => {
      const port = await answering((server) =>
        server.on('connection', (peer) => {
          peer.on('error', () => {});
          peer.once('data', () => peer.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
        }),
      );
      return `redis://127.0.0.1:${port}`;
    },
    /no Redis: look at the port/,
  ],
  [
    'the password is wrong',
    async () => {
      const server = await RedisServer.start({ args: ['--requirepass', 'right'] });
      onTestFinished(() => server[Symbol.asyncDispose]());
      return `redis://:wrong@127.0.0.1:${server.port}`;
    },
    /WRONGPASS.*look at the user and the password/,
  ],
  [
    'a password is missing',
    async () => {
      const server = await RedisServer.start({ args: ['--requirepass', 'right'] });
      onTestFinished(() => server[Symbol.asyncDispose]());
      return `redis://127.0.0.1:${server.port}`;
    },
    /NOAUTH.*look at the user and the password/,
  ],
])('`ready` says what to look at when %s', async (_, address, words) => {
  const log = logAt(await address());
  const error: unknown = await log.ready().catch((reason: unknown) => reason);
  expect(String(error)).toMatch(/^HoldfastError: unable to /);
  expect(String(error)).toMatch(words);
  // A request that comes before anybody has asked is told the same.
  const again: unknown = await log.head('s').catch((reason: unknown) => reason);
  expect(String(again)).toMatch(/^HoldfastError: unable to .*option `redis`/);
});

it('however much is asked before there is a connection, it is made once, and the process is warned of nothing', async () => {
  const server = await RedisServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const warnings: Error[] = [];
  const hear = (warning: Error) => warnings.push(warning);
  process.on('warning', hear);
  onTestFinished(() => void process.off('warning', hear));
  const log = logAt(server.url);
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const asked = Array.from({ length: 30 }, (_, at) => log.find(`s${at}`, 'k'));
  expect(await Promise.all(asked)).toEqual(asked.map(() => null));
  await turn();
  expect(warnings).toEqual([]);
});
