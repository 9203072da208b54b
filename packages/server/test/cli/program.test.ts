import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourceArguments } from '@holdfast/testkit/fork-source';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { spokenSession } from '../support/spoken-session.ts';
import { WireClient } from '../support/wire-client.ts';

const program = sourceArguments(new URL('../../src/cli/main.ts', import.meta.url));

/** The program that makes a terminal for another one, and what it is told. */
function inTerminal(command: readonly string[]) {
  const quoted = command.map((each) => `'${each}'`).join(' ');
  const isMac = process.platform === 'darwin';
  // A shell that stayed would be signalled as well, and some end with that rather than with what the program says.
  const args = isMac ? ['-q', '/dev/null', ...command] : ['-qec', `exec ${quoted}`, '/dev/null'];
  return ['script', ...args];
}

/** The program in a process of its own, in a terminal of its own where it is told to. */
function start(args: readonly string[], { isInTerminal = false, env = {} } = {}) {
  const command = [process.execPath, ...program, ...args];
  const [name = '', ...rest] = isInTerminal ? inTerminal(command) : command;
  const child = spawn(name, rest, { env: { ...process.env, ...env } });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const told = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    told.out += data;
  });
  child.stderr.on('data', (data) => {
    told.err += data;
  });
  const ended = once(child, 'close').then(([code]) => code as number);
  return { child, told, ended };
}

const patience = { timeout: 60_000 };

it('follows a session live in a terminal, which obeys nothing of it, until Ctrl-C', async () => {
  const { args, finish } = await spokenSession('\u001b[31mred?');
  const redis = ['--redis', inject('redisUrl')];
  const { child, told, ended } = start(['tail', ...args, ...redis, '--all'], {
    isInTerminal: true,
  });
  await vi.waitFor(() => expect(told.out).toContain('Hel'), patience);
  expect(told.out).toContain('\\u001b[31mred?');
  await finish();
  await vi.waitFor(() => expect(told.out).toContain('outcome finished'), patience);
  expect(told.out).not.toContain('\u001b');
  // The terminal makes a signal of it.
  child.stdin.write('\u0003');
  expect(await ended).toBe(0);
}, 120_000);

it('ends with 1 and a line without a stack where something fails, and when nobody reads any more it ends', async () => {
  const away = start(['inspect', 's1', '--redis', 'redis://:secret@127.0.0.1:1']);
  const { args, finish } = await spokenSession('Hi');
  const piped = start(['tail', ...args, '--redis', inject('redisUrl'), '--json', '--all']);
  await vi.waitFor(() => expect(piped.told.out).toContain('\n'), patience);
  piped.child.stdout.destroy();
  await finish();
  expect(await piped.ended).toBe(0);
  expect(await away.ended).toBe(1);
  expect(away.told.err).toMatch(/^unable to .*127\.0\.0\.1:1[^\n]*\n$/);
  expect(away.told.err).not.toContain('secret');
}, 120_000);

it('serves the sockets of sessions to whom a module lets in, and closes on a signal', async () => {
  const { prefix, finish } = await spokenSession('Hi');
  const file = join(mkdtempSync(join(tmpdir(), 'holdfast-cli-')), 'authorize.mjs');
  const words = `export const authorize = ({ token }) => (token === 'ann' ? { id: 'ann' } : null);`;
  writeFileSync(file, words);
  const options = ['--prefix', prefix, '--port', '0', '--authorize', file, '--json'];
  const env = { REDIS_URL: inject('redisUrl') };
  const { child, told, ended } = start(['gateway', ...options], { env });
  await vi.waitFor(() => expect(told.out).toContain('"port"'), patience);
  const [, port = ''] = /"port":(\d+)/.exec(told.out) ?? [];
  const health = await fetch(`http://127.0.0.1:${port}/health`);
  expect([health.status, await health.json()]).toEqual([200, { ready: true, phase: 'open' }]);
  const dial = async (token: string) => {
    const client = new WireClient(new WebSocket(`ws://127.0.0.1:${port}/holdfast`, 'holdfast.v1'));
    onTestFinished(() => client.terminate());
    await client.opened;
    client.send({ t: 'hello', v: 1, token });
    return client;
  };
  expect((await (await dial('bob')).closed).code).toBe(4401);
  const ann = await dial('ann');
  await ann.next('welcome');
  ann.send({ t: 'sub', r: 1, s: 's1' });
  await ann.next('live');
  await finish();
  await ann.entry('run-end');
  child.kill('SIGTERM');
  expect((await ann.closed).code).toBe(1012);
  expect(await ended).toBe(0);
}, 120_000);
