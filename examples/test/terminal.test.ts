import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { authorize } from '../authorize.ts';
import { said } from '../model.ts';

const program = join(fileURLToPath(new URL('../terminal', import.meta.url)), 'chat.ts');

/** How many words of the answer the model has said; it waits for more. */
let allowed = 0;
let asked = 0;
const holdfast = createHoldfast({ authorize });
const handle = toNodeHandler(holdfast, {
  agent: async function* () {
    asked++;
    yield { type: 'start' };
    yield { type: 'text-start', id: '1' };
    for (const [at, delta] of said.split(/(?= )/).entries()) {
      await vi.waitUntil(() => at < allowed, 60_000);
      yield { type: 'text-delta', id: '1', delta };
    }
    yield { type: 'text-end', id: '1' };
    yield { type: 'finish' };
  },
});
const http = createServer((request, response) => void handle(request, response));
holdfast.attach(http);

let api = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => http.listen(0, resolve));
  api = `http://localhost:${(http.address() as AddressInfo).port}/api/chat`;
});
afterAll(async () => {
  http.close();
  await holdfast.close({ runsMs: 0 });
});

interface Terminal {
  /** What is on its screen. */
  screen(): string;
  type(line: string): void;
  kill(): Promise<void>;
}

function open(folder: string, chatId: string): Terminal {
  const child = spawn(process.execPath, [program, chatId, api], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  let screen = '';
  child.stdout.on('data', (data: Buffer) => {
    screen += data.toString();
  });
  return {
    screen: () => screen,
    type: (line) => child.stdin.write(`${line}\n`),
    kill,
  };
}

/** A folder in which nothing was shown yet. */
async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'terminal-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** What all processes in a folder have shown of the one answer. */
async function shownIn(folder: string): Promise<string> {
  const [file = '', ...others] = await readdir(folder);
  expect(others).toEqual([]);
  return await readFile(join(folder, file), 'utf8');
}

const upTo = (count: number): string => said.split(/(?= )/).slice(0, count).join('');

/** Waits until a terminal shows just that. */
const shows = (terminal: Terminal, text: string): Promise<unknown> =>
  expect.poll(terminal.screen).toBe(text);

test('a terminal that is killed twice in mid-answer goes on at the exact word each time', async () => {
  const folder = await freshFolder();
  [allowed, asked] = [7, 0];
  const first = open(folder, 'killed');
  first.type('Say it');
  await shows(first, upTo(7));
  await first.kill();
  expect(await shownIn(folder)).toBe(upTo(7));

  // Some of it is said while nobody listens.
  allowed = 12;
  const second = open(folder, 'killed');
  await shows(second, upTo(12).slice(upTo(7).length));
  allowed = 20;
  await shows(second, upTo(20).slice(upTo(7).length));
  await second.kill();

  const third = open(folder, 'killed');
  allowed = 60;
  await shows(third, said.slice(upTo(20).length));
  expect(await shownIn(folder)).toBe(said);
  expect(asked).toBe(1);
});

test('what was answered while no terminal ran is shown by the next one, which asks again', async () => {
  const folder = await freshFolder();
  [allowed, asked] = [2, 0];
  const first = open(folder, 'later');
  first.type('Say it');
  await shows(first, upTo(2));
  await first.kill();
  allowed = 60;
  const known = async () => JSON.stringify(await holdfast.session('later').messages());
  await expect.poll(known).toContain('word59');
  const second = open(folder, 'later');
  await shows(second, said.slice(upTo(2).length));
  second.type('Again');
  await shows(second, said.slice(upTo(2).length) + said);
  expect(asked).toBe(2);
});
