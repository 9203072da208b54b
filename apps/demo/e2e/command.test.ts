import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { renderUnicodeCompact } from 'uqr';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { networkAddresses } from '../lib/network-addresses.ts';
import { BareMachine } from './support/bare-machine.ts';
import { freePort, Program } from './support/program.ts';

let machine: BareMachine;

beforeAll(async () => {
  machine = await BareMachine.set();
});
afterAll(() => machine?.[Symbol.asyncDispose]());

/** `npm run demo`, as npm runs it. */
const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Program =>
  new Program(
    ['../../scripts/run.mjs', 'demo', ...args],
    { ...machine.env, PORT: '', HOST: '', OPENAI_API_KEY: '', ...env },
    /Ctrl-C ends it/,
  );

/** Starts it, looks, and ends it as Ctrl-C does. */
async function running(program: Program, look: () => Promise<void>): Promise<void> {
  await program.start();
  try {
    await look();
  } finally {
    expect(await program.stop()).toBe(0);
  }
}

const isReached = async (host: string, port: number): Promise<boolean> => {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

const [address] = networkAddresses();

it('npm run demo needs no Redis, installs none, and says what it does and where it is', async () => {
  const port = await freePort();
  const program = command(['--port', String(port)]);
  await running(program, async () => {
    for (const words of ['Building the packages', 'Building the chat app', ' s)'])
      expect(program.output).toContain(words);
    expect(program.output).toMatch(/On this computer +http:\/\/localhost:\d+/);
    expect(program.output).toContain('sessions in memory');
    expect(program.output).toMatch(/On your phone +npm run demo -- --lan/);
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
    // Other computers do not reach it.
    if (address) expect(await isReached(address, port)).toBe(false);
  });
  expect(await machine.wasInstalledOn()).toBe(false);
});

it('keeps the sessions in Redis where REDIS_URL names one', async () => {
  await using redis = await RedisServer.start();
  const program = command(['--port', '0'], { REDIS_URL: redis.url });
  await running(program, async () => expect(program.output).toContain('sessions in Redis'));
});

it('with --lan other devices reach it, by an address and a code that a phone reads', async () => {
  const port = await freePort();
  const program = command(['--lan', '--port', String(port)]);
  await running(program, async () => {
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
    if (!address) {
      expect(program.output).toContain('this computer has no address in a network');
      return;
    }
    const shared = `http://${address}:${port}`;
    expect(program.output).toMatch(new RegExp(`On your phone +${shared}`));
    expect((await fetch(shared)).status).toBe(200);
    for (const line of renderUnicodeCompact(shared, { border: 2 }).split('\n'))
      expect(program.output).toContain(line);
  });
});

it('says that a port is taken, also by a program that listens on one address of localhost only', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const other = createServer().listen(0, host);
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(command(['--port', String(port)]).start()).rejects.toThrow(
      `port ${port} is taken by another program`,
    );
    other.close();
  }
});

it('takes the next port where nobody has chosen one, and says so', async () => {
  // Perhaps somebody else has it; that is as good.
  const other = createServer()
    .once('error', () => {})
    .listen(3000, 'localhost');
  const program = command([]);
  await running(program, async () => {
    const [, said] = /Port 3000 is taken .* on (\d+)\./.exec(program.output) ?? [];
    expect(program.output).toContain(`http://localhost:${said}`);
    expect((await fetch(`http://localhost:${said}/`)).status).toBe(200);
  });
  other.close();
});

it.each([
  ['--lna', /Unknown option '--lna'/],
  ['--port=http', /a port is a number from 0 to 65535/],
])('says before it builds anything that %s is mistyped', async (argument, words) => {
  const program = command([argument]);
  await expect(program.start()).rejects.toThrow(words);
  expect(program.output).toContain('--lan ');
  expect(program.output).not.toContain('Building');
});
