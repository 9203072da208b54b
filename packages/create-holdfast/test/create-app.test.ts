// The program on real folders. What it starts is told here, and run by hosts/test/create-holdfast.test.ts.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type CreateAppPorts, createApp } from '../src/create-app.ts';
import { isFree } from '../src/gateway-port.ts';

const manifest = new URL('../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));

function setUp({ codes = [], ...ports }: Partial<CreateAppPorts> & { codes?: number[] } = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'create-holdfast-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const said: string[] = [];
  const complained: string[] = [];
  const ran: string[] = [];
  const exitCodes = [...codes];
  const create = (...args: string[]) =>
    createApp(args, {
      cwd,
      userAgent: undefined,
      template: new URL('../template', import.meta.url),
      manifest,
      write: (text) => said.push(text),
      complain: (text) => complained.push(text),
      run: async (command, words, folder) => {
        ran.push([command, ...words, folder.slice(cwd.length)].join(' '));
        return exitCodes.shift() ?? 0;
      },
      ports: { random: () => 0.5, isFree: async () => true },
      node: '22.0.0',
      ...ports,
    });
  const read = (...path: string[]) => readFileSync(join(cwd, ...path), 'utf8');
  return { cwd, create, said, complained, ran, read };
}

/** Listens on the first port of these that nobody has; 0 is any. */
async function listening(first: number, last: number) {
  const server = createServer();
  for (let port = first; port <= last && !server.listening; port += 1)
    await new Promise<void>((resolve) => {
      server.once('error', () => resolve()).listen(port, resolve);
    });
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(resolve)) };
}

test('makes an app, installs it, and starts it, whose exit code is that of all', async () => {
  const { create, ran, read, cwd, complained } = setUp({ codes: [0, 130] });
  expect(await create('chats/my-chat')).toBe(130);
  expect(ran).toEqual(['npm install /chats/my-chat', 'npm run dev /chats/my-chat']);
  const app = JSON.parse(read('chats/my-chat/package.json'));
  expect(Object.keys(app)[0]).toBe('name');
  expect(app.name).toBe('my-chat');
  expect(app.dependencies).toMatchObject({
    '@holdfast/client': `^${version}`,
    '@holdfast/server': `^${version}`,
  });
  expect(read('chats/my-chat/.gitignore')).toContain('node_modules/');
  expect(readdirSync(join(cwd, 'chats/my-chat'))).not.toContain('gitignore');
  expect(complained).toEqual([]);
});

test.each([
  ['npm/11.6.2 node/v24.11.0 linux x64 workspaces/false', 'npm'],
  ['pnpm/10.24.0 npm/? node/v24.11.0 linux x64', 'pnpm'],
  ['yarn/4.12.0 npm/? node/v24.11.0 linux x64', 'yarn'],
  ['bun/1.3.3 npm/? node/v24.3.0 linux x64', 'bun'],
  ['cnpm/9.4.0 npminstall/7.12.0 node/v24.11.0', 'npm'],
  [undefined, 'npm'],
])('who says "%s" is asked to install as %s', async (userAgent, manager) => {
  const { create, ran, said } = setUp({ userAgent });
  expect(await create('--no-start')).toBe(0);
  expect(ran).toEqual([`${manager} install /my-chat`]);
  expect(said.at(-1)).toBe(
    `\n  cd my-chat\n  ${manager} run dev\n\nThen open http://localhost:3000`,
  );
});

test('only writes, in the folder where it is, if asked to', async () => {
  const { cwd, ...first } = setUp();
  mkdirSync(join(cwd, 'here/.git'), { recursive: true });
  const { create, ran, said } = setUp({ cwd: join(cwd, 'here') });
  expect(await create('.', '--no-install')).toBe(0);
  expect(ran).toEqual([]);
  expect(JSON.parse(first.read('here/package.json')).name).toBe('here');
  expect(said.at(-1)).toMatch(/^\n {2}npm install\n {2}npm run dev\n/);
});

test('an install that fails is said, with how to go on, and nothing is started', async () => {
  const { create, ran, complained } = setUp({ codes: [7] });
  expect(await create('a')).toBe(1);
  expect(ran).toHaveLength(1);
  expect(complained.join()).toMatch(/^unable to install: .*\n\n {2}cd a\n {2}npm install\n/);
});

test('a package manager that cannot be started is an install that failed', async () => {
  const run = () => Promise.reject(new Error('spawn npm ENOENT'));
  const { create, complained } = setUp({ run });
  expect(await create('a')).toBe(1);
  expect(complained[0]).toBe('spawn npm ENOENT');
});

test('sockets have a free port that Next never takes, which is said', async () => {
  const asked: number[] = [];
  const randoms = [0, 0.999_9, 0.25];
  const { create, read, said } = setUp({
    ports: {
      random: () => randoms.shift() ?? 0,
      isFree: async (port) => asked.push(port) === 3,
    },
  });
  expect(await create('a', '--no-install')).toBe(0);
  expect(asked).toEqual([3100, 3999, 3325]);
  expect(said[0]).toBe('Made a, with its sockets on port 3325');
  expect(read('a/.env.development')).toMatch(
    /^HOLDFAST_PORT=3325\nNEXT_PUBLIC_HOLDFAST_URL=http:\/\/localhost:3325\/holdfast$/m,
  );
});

test('the port of another program is left to it', async () => {
  const { port, close } = await listening(3100, 3999);
  const randoms = [(port - 3100 + 0.5) / 900];
  const { create, read } = setUp({
    ports: { random: () => randoms.shift() ?? Math.random(), isFree },
  });
  expect(await create('a', '--no-install')).toBe(0);
  const chosen = Number(/^HOLDFAST_PORT=(\d+)$/m.exec(read('a/.env.development'))?.[1]);
  expect(chosen).not.toBe(port);
  expect(await isFree(chosen)).toBe(true);
  await close();
});

test('where every port is taken, it tries 20 and takes the last', async () => {
  let tries = 0;
  const isFree = async () => ++tries < 0;
  const { create, read } = setUp({ ports: { random: () => 0.5, isFree } });
  expect(await create('a', '--no-install')).toBe(0);
  expect([tries, read('a/.env.development')]).toEqual([20, expect.stringContaining('3550')]);
});

test('a port on which somebody listens is not free', async () => {
  const { port, close } = await listening(0, 0);
  expect(await isFree(port)).toBe(false);
  await close();
  expect(await isFree(port)).toBe(true);
});

describe('nothing is written', () => {
  test.each(['My-Chat', 'a b', '-x', '.hidden', 'ä', 'node_modules', 'x'.repeat(215)])(
    'for the name %j',
    async (name) => {
      const { create, cwd, complained, ran } = setUp();
      expect(await create('--', name)).toBe(1);
      expect(complained.join()).toMatch(/^unable to create .*: its name becomes that of the app/);
      expect([readdirSync(cwd), ran]).toEqual([[], []]);
    },
  );

  test('over what is there', async () => {
    const { create, cwd, complained, ran } = setUp();
    mkdirSync(join(cwd, 'full'));
    writeFileSync(join(cwd, 'full/notes.txt'), 'mine');
    writeFileSync(join(cwd, 'file'), 'mine');
    expect([await create('full'), await create('file'), await create('file/in')]).toEqual([
      1, 1, 1,
    ]);
    expect(complained).toEqual([
      'unable to create full: there is something in it, such as notes.txt: choose another name, or empty it',
      'unable to create file: there is a file of that name: choose another one',
      'unable to create file/in: there is a file of that name: choose another one',
    ]);
    expect([readdirSync(join(cwd, 'full')), ran]).toEqual([['notes.txt'], []]);
  });

  test('where Node is older than what the packages need', async () => {
    const { create, cwd, complained } = setUp({ node: '20.20.2' });
    expect(await create('a')).toBe(1);
    expect(complained).toEqual([
      'unable to create an app: it needs Node 22 or later, and this is 20.20.2',
    ]);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('where an archive is missing', async () => {
    const { create, cwd, complained } = setUp();
    expect(await create('a', '--archives', 'packed')).toBe(1);
    expect(complained[0]).toBe(
      `unable to create a: ${join(cwd, 'packed/holdfast-protocol.tgz')} is missing: run \`npm run pack\` first`,
    );
    expect(readdirSync(cwd)).toEqual([]);
  });

  test.each([
    [['--what'], /Unknown option '--what'/],
    [['a', 'b', 'c'], /one folder, and not also b c/],
    [['--archives'], /argument missing/],
  ])('for %j, which it does not understand', async (args, reason) => {
    const { create, complained, cwd } = setUp();
    expect(await create(...args)).toBe(2);
    expect(complained[0]).toMatch(/^unable to understand this: /);
    expect(complained[0]).toMatch(reason);
    expect(complained[0]).toContain('Usage: npm create holdfast');
    expect(readdirSync(cwd)).toEqual([]);
  });

  test.each([
    ['--help', /^Usage: npm create holdfast/],
    ['-h', /^Usage: npm create holdfast/],
    ['--version', new RegExp(`^${version}$`)],
  ])('for %s', async (option, text) => {
    const { create, said, cwd } = setUp();
    expect(await create('a', option)).toBe(0);
    expect(said).toEqual([expect.stringMatching(text)]);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

test('with archives, all packages are of these', async () => {
  const { create, cwd, read } = setUp();
  mkdirSync(join(cwd, 'packed'));
  const names = ['client', 'log', 'protocol', 'server'];
  for (const name of names) writeFileSync(join(cwd, `packed/holdfast-${name}.tgz`), '');
  expect(await create('a', '--no-install', '--archives', 'packed')).toBe(0);
  const { dependencies } = JSON.parse(read('a/package.json'));
  const own = Object.entries(dependencies).filter(([name]) => name.startsWith('@holdfast/'));
  expect(own).toEqual(
    names.map((name) => [`@holdfast/${name}`, `file:${join(cwd, `packed/holdfast-${name}.tgz`)}`]),
  );
});

test('a visitor of the app has an id that nobody can make the cookie of', async () => {
  const made = new URL('../template/lib/user.ts', import.meta.url).href;
  const { userOf } = (await import(/* @vite-ignore */ made)) as {
    userOf(asking: { request: { headers: Headers } }): Promise<{ id: string } | null>;
  };
  const cookie = crypto.randomUUID();
  const asking = (value: string) => ({
    request: { headers: new Headers({ cookie: `theme=dark; visitor=${value}` }) },
  });
  const user = await userOf(asking(cookie));
  expect(user?.id).toMatch(/^[\w-]{43}$/);
  expect(await userOf(asking(cookie))).toEqual(user);
  expect(await userOf(asking(crypto.randomUUID()))).not.toEqual(user);
  expect(await userOf(asking('x'))).toBeNull();
});
