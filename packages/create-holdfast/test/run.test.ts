// What is started, in a process of its own, and signals as a terminal and a supervisor send them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';

const source = new URL('../src/run.ts', import.meta.url);

/** An app that says what it is told, and ends a while behind the first of it. */
const app = `
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => { console.log(signal); setTimeout(() => process.exit(3), 300); });
setInterval(() => {}, 1000);
console.log('up');
`;

/** Runs a program of Node by way of `run`, in a process group of its own. */
function start(program: string) {
  const script = `
const { run } = await import(${JSON.stringify(source.href)});
process.exitCode = await run(process.execPath, ['-e', ${JSON.stringify(program)}], '/');
`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { detached: true });
  const pid = child.pid ?? 0;
  let said = '';
  const hears = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('up\n')) resolve();
    });
  });
  const ended = once(child, 'close').then(([code]) => [code, said]);
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGKILL');
  });
  return { pid, hears, ended };
}

test('Ctrl-C, which a terminal tells to all, ends the app, and its end is waited for', async () => {
  const { pid, hears, ended } = start(app);
  await hears;
  process.kill(-pid, 'SIGINT');
  expect(await ended).toEqual([3, 'up\nSIGINT\n']);
});

test('it is not told on: the app has heard it, and would be cut off', async () => {
  const { pid, hears, ended } = start(app);
  await hears;
  process.kill(pid, 'SIGINT');
  process.kill(pid, 'SIGTERM');
  expect(await ended).toEqual([3, 'up\nSIGTERM\n']);
});

test('a supervisor that ends the program alone ends the app', async () => {
  const { pid, hears, ended } = start(app);
  await hears;
  process.kill(pid, 'SIGTERM');
  expect(await ended).toEqual([3, 'up\nSIGTERM\n']);
});

test('an app that a signal has ended has the code that a shell gives it', async () => {
  const { ended } = start("process.kill(process.pid, 'SIGKILL')");
  expect(await ended).toEqual([137, '']);
});
