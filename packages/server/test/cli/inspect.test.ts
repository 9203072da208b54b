import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, it } from 'vitest';
import { inspect } from '../../src/cli/inspect.ts';
import { spokenSession } from '../support/spoken-session.ts';
import { typed } from '../support/typed.ts';

const key = new Uint8Array(32).fill(7);
const env = { HOLDFAST_KEYS: `k:${Buffer.from(key).toString('base64')}` };

it('tells a session’s runs, leases, positions, entries and sizes, and none of its contents', async () => {
  const { args, run } = await spokenSession('a secret question');
  const { code, text } = await typed(inspect, args);
  expect(code).toBe(0);
  expect(text).toMatch(/^session +s1$/m);
  expect(text).toMatch(
    new RegExp(`^live runs: 1\\n  ${run}  attempt 1  agent  process  leased for \\d`, 'm'),
  );
  expect(text).toMatch(/^ {2}message +1 +\d+ B$/m);
  expect(text).toMatch(/^ {2}\d+-\d+ +chunks .*run .*chunks \d/m);
  expect(text).not.toMatch(/secret|Hel/);
});

it('tells it as JSON, with contents where they are asked for', async () => {
  const { args, run, finish } = await spokenSession('\u001b[2J a question');
  await finish();
  const { text } = await typed(inspect, [...args, '--json', '--contents', '--entries', '2']);
  const told = JSON.parse(text);
  expect(told).toMatchObject({ session: 's1', position: `${told.epoch}:${told.top}`, runs: [] });
  expect(told.kinds).toMatchObject({ message: { count: 1 }, 'run-end': { count: 1 } });
  expect(told.entries).toHaveLength(2);
  expect(told.entries[1]).toMatchObject({ kind: 'run-end', run, outcome: 'finished' });
  expect(JSON.parse(told.entries[1].body)).toMatchObject({ k: 'run-end' });
  const shown = await typed(inspect, [...args, '--contents']);
  expect(shown.text).toContain('a question');
  expect(shown.text).not.toContain('\u001b');
});

it('reads what is encrypted with the key, and sizes without it', async () => {
  const { args } = await spokenSession('hidden', { encryption: { keys: [{ id: 'k', key }] } });
  const without = await typed(inspect, [...args, '--contents']);
  expect(without.text).toMatch(/^ {2}sealed +\d/m);
  expect(without.text).not.toContain('hidden');
  const read = await typed(inspect, [...args, '--contents'], env);
  expect(read.text).toContain('hidden');
  const other = { HOLDFAST_KEYS: `k:${Buffer.alloc(32, 8).toString('base64')}` };
  await expect(typed(inspect, args, other)).rejects.toThrow(/unable to read the session/);
});

it('a session that is not there is a fault, and so is a Redis that is away', async () => {
  await expect(typed(inspect, ['nobody', '--prefix', 'none'])).rejects.toThrow(
    /no session of that id/,
  );
  const away = ['s1', '--redis', 'redis://:secret@127.0.0.1:1'];
  await expect(typed(inspect, away)).rejects.toThrow(/Redis at 127\.0\.0\.1:1/);
  await expect(typed(inspect, away)).rejects.not.toThrow(/secret/);
});
