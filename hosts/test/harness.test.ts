// The harness itself: what is started ends, with all that it started.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, expect, test } from 'vitest';
import { type Application, application } from '../harness/application.ts';
import { lines } from '../versions.ts';

const group = new URL('../harness/group.ts', import.meta.url);

const server = `
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';
const child = spawn('sleep', ['1000']);
console.log('child', child.pid);
createServer((_, response) => response.end('hello')).listen(process.env.PORT);
process.on('SIGTERM', () => { console.log('going'); process.exit(3); });
`;

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

let app: Application;
beforeAll(async () => {
  const files = { 'env.js': 'console.log(JSON.stringify(process.env))', 'server.js': server };
  app = await application(files, lines['the newest ai 7']);
});

async function ends(pattern: RegExp, output: string): Promise<void> {
  const pid = Number(pattern.exec(output)?.[1]);
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => isAlive(pid)).toBe(false);
}

test('an application has the packed packages and an environment without that of the test runner', async () => {
  const { PATH, ...env } = JSON.parse(await app.succeed('node env.js'));
  expect(Object.keys(env).filter((name) => /vitest|NODE_ENV|npm_lifecycle/i.test(name))).toEqual(
    [],
  );
  expect(PATH).toMatch(new RegExp(`^${app.folder}/node_modules/.bin:`));
  const version = await app.succeed(`node -p "require('@holdfast/server/package.json').version"`);
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
});

test('a command that fails is told with its output', async () => {
  expect(await app.run('echo out; echo err >&2; exit 7')).toEqual({
    code: 7,
    output: 'out\nerr\n',
  });
  await expect(app.succeed('echo why; exit 7')).rejects.toThrow(/exit code 7\nwhy/);
});

test('a command without an end is killed', async () => {
  const run = app.run('sleep 1000 & echo $!; sleep 1000', { timeoutMs: 4_000 });
  const error = await run.catch((reason: Error) => reason);
  await ends(/after 4000 ms\n(\d+)/, String(error));
});

test('a server is found, gets a signal, and leaves no process behind', async () => {
  const served = await app.serve('node server.js');
  expect(await (await fetch(served.url)).text()).toBe('hello');
  const { code, output } = await served.stop();
  expect(code).toBe(3);
  expect(output).toMatch(/going/);
  await ends(/child (\d+)/, output);
});

test('a server that ends before it listens is told with its output', async () => {
  await expect(app.serve('echo no; exit 2')).rejects.toThrow(/exit code 2\nno/);
});

test('what a test runner started ends with it, also when that one is killed', async () => {
  const script = `
    const { startGroup } = await import(${JSON.stringify(group.href)});
    const { output } = startGroup('sleep 1000 & echo $!; wait', '/', process.env);
    const told = setInterval(() => { if (output()) { console.log(output()); clearInterval(told); } }, 10);
  `;
  const runner = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  const [pid] = await once(runner.stdout, 'data');
  runner.kill('SIGKILL');
  await ends(/(\d+)/, String(pid));
});
