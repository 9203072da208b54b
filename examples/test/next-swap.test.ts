// An application by the AI SDK's pages, before and after: what the swap costs, and that it works.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createChatTransport } from '@holdfast/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Served } from '../../hosts/harness/served.ts';
import { said } from '../model.ts';
import { ask, readAll, readWords, stockClient } from './support/clients.ts';
import { build, serve } from './support/serve.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../next-swap', import.meta.url));

/** The files of the two applications, without what was installed or built. */
async function sources(): Promise<string> {
  const target = mkdtempSync(join(tmpdir(), 'holdfast-swap-'));
  const list = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await run('git', list, { cwd: folder });
  for (const file of stdout.split('\n').filter(Boolean))
    cpSync(join(folder, file), join(target, file), { recursive: true });
  return target;
}

/** What changed in the application, by file: lines that are new or another, in their order. */
async function changes(): Promise<Record<string, string[]>> {
  const cwd = await sources();
  const compare = ['diff', '--no-index', '--no-color', '-M', '-U0', 'before', 'after'];
  // It ends with 1 where there are differences.
  const { stdout } = await run('git', compare, { cwd }).catch((ended: { stdout: string }) => ended);
  rmSync(cwd, { recursive: true });
  const files = stdout.split(/^diff --git /m).slice(1);
  return Object.fromEntries(
    files.map((text) => {
      const path = /^\+\+\+ b\/after\/(.*)$/m.exec(text)?.[1]?.trim() ?? text;
      const lines = [...text.matchAll(/^\+(?!\+\+ )(.+)$/gm)].map(([, line = '']) => line.trim());
      return [path, lines];
    }),
  );
}

test('the swap changes three lines on the server, one on the page, and no script', async () => {
  const changed = await changes();
  expect(Object.keys(changed).sort()).toEqual([
    'app/api/chat/[[...path]]/route.ts',
    'app/page.tsx',
    'package.json',
  ]);
  expect(changed['app/api/chat/[[...path]]/route.ts']).toHaveLength(3);
  expect(changed['app/page.tsx']).toEqual([
    "import { DefaultChatTransport } from '@holdfast/client/ai';",
  ]);
  for (const line of changed['package.json'] ?? [])
    expect(line).toMatch(/^"(name|@holdfast\/\w+)": /);
});

describe('the application after it, built for standalone', () => {
  let server: Served;
  beforeAll(async () => {
    await build('next-swap/after', 'next build');
    const program = '.next/standalone/examples/next-swap/after/server.js';
    server = await serve('next-swap/after', `node ${program}`);
  }, 300_000);
  afterAll(() => server?.stop('SIGKILL'));

  const cookie = { cookie: 'user=ann' };

  test('answers the stock client, and nobody who is not signed in', async () => {
    const { stream } = await ask(stockClient(server.url));
    expect(await readAll(stream)).toEqual({ text: said, end: 'finish' });
    expect((await fetch(`${server.url}/api/chat/c1`)).status).toBe(403);
    expect(await (await fetch(server.url)).text()).toContain('Send</button>');
  });

  test('resumes its answer in mid-sentence', async () => {
    const { chatId, stream } = await ask(stockClient(server.url), 'Say it slowly');
    await readWords(stream, 3);
    await stream.cancel();
    const resumed = await stockClient(server.url).reconnectToStream({ chatId });
    expect(await readAll(resumed)).toEqual({ text: said, end: 'finish' });
  });

  test('stops it', async () => {
    const { chatId, stream } = await ask(stockClient(server.url), 'Say it slowly');
    await readWords(stream, 3);
    const stop = `${server.url}/api/chat/${chatId}/stop`;
    expect((await fetch(stop, { method: 'POST', headers: cookie })).status).toBe(200);
    const { text, end } = await readAll(stream);
    expect([end, text.length < said.length]).toEqual(['abort', true]);
  });

  test('answers the client of the page, which finds no gateway and is carried over HTTP', async () => {
    const page = createChatTransport({ api: `${server.url}/api/chat`, headers: cookie });
    const { stream } = await ask(page, 'Say it slowly');
    expect(await readAll(stream)).toEqual({ text: said, end: 'finish' });
    expect(page.connection.carrier).toBe('http');
    page.close();
  });
});
