import { expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { fakeTerminal } from '../support/typed.ts';

async function called(args: readonly string[], env = {}) {
  const { terminal, told } = fakeTerminal({ REDIS_URL: '', ...env });
  return { code: await run(args, terminal), ...told };
}

it('tells of its commands, and of the options of each', async () => {
  const { code, text } = await called(['--help']);
  expect(code).toBe(0);
  expect(text).toMatch(/gateway .*\n.*tail .*\n.*inspect .*\n.*doctor /);
  for (const name of ['gateway', 'tail', 'inspect', 'doctor']) {
    const own = await called([name, '--help']);
    expect([own.code, own.notes]).toEqual([0, '']);
    expect(own.text).toMatch(
      new RegExp(`^Usage: holdfast ${name} [\\s\\S]*--redis <url>[\\s\\S]*--json`),
    );
    expect(own.text.split('\n').every((line) => line.length <= 120)).toBe(true);
  }
});

it.each<readonly [string, readonly string[], RegExp]>([
  ['no command', [], /^$/],
  ['another command', ['nonsense'], /no such command[\s\S]*Usage: holdfast <command>/],
  ['another option', ['inspect', 's', '--nope'], /--nope[\s\S]*Usage: holdfast inspect/],
  ['no session', ['tail'], /there is no session[\s\S]*Usage: holdfast tail/],
  ['two sessions', ['tail', 'a', 'b'], /more than one session/],
  ['an id that is none', ['inspect', 'a/b'], /this is no id of a session/],
  ['no Redis', ['inspect', 's'], /give --redis, or REDIS_URL/],
  ['no number', ['inspect', 's', '--redis', 'redis://:secret@h', '--entries', 'x'], /--entries is/],
  ['nobody to let in', ['gateway', '--redis', 'redis://:secret@h'], /without --authorize nobody/],
  ['no address', ['doctor', '--url', 'secret'], /--url is no address/],
  ['an origin without an address', ['doctor', '--origin', 'https://a.example'], /need --url/],
])('ends with 2 where it is given %s', async (_, args, words) => {
  const { code, notes } = await called(args, { NODE_ENV: 'production' });
  expect(code).toBe(2);
  expect(notes).toMatch(words);
  expect(notes).not.toContain('secret');
});

it('ends with 1 and one line where it fails, and repeats no key', async () => {
  const redis = 'redis://:secret@127.0.0.1:1';
  const failed = await called(['inspect', 's'], { REDIS_URL: redis });
  expect(failed.code).toBe(1);
  expect(failed.notes).toMatch(/^unable to [^\n]*127\.0\.0\.1:1[^\n]*\n$/);
  // As compose files have a variable that is not set.
  const unset = { REDIS_URL: redis, HOLDFAST_PORT: '' };
  const missing = await called(['gateway', '--authorize', 'none.mjs'], unset);
  expect(missing.code).toBe(1);
  expect(missing.notes).toMatch(
    /^unable to begin: the file of --authorize cannot be loaded: .*\n$/,
  );
  const keys = await called(['inspect', 's'], { REDIS_URL: redis, HOLDFAST_KEYS: 'k:secret' });
  expect(keys.code).toBe(2);
  for (const { notes } of [failed, missing, keys]) expect(notes).not.toContain('secret');
});
