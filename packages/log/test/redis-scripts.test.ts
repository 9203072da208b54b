import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { including } from '../src/redis/including.ts';
import { scripts } from '../src/redis/scripts.ts';

const folder = new URL('../src/redis/lua/', import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, folder), 'utf8');
const files = readdirSync(folder).filter((file) => file !== 'shared.lua');

/** What the step of a script makes of the first number of its reply. */
async function codesOf(file: string): Promise<Readonly<Record<number, string>>> {
  const name = file.replace('.lua', '');
  if (name === 'probe') return { 1: 'done' };
  const { codes } = await import(`../src/redis/steps/${name}.ts`);
  return codes;
}

it('every file is a script, and every script has a file', () => {
  expect(files.map((file) => file.replace('.lua', '')).sort()).toEqual(Object.keys(scripts).sort());
});

it.each(files)('%s says its flags, what goes in, what comes out, and what is published', (file) => {
  const text = textOf(file);
  expect(text).toMatch(/^#!lua( flags=[a-z-]+)?\n--\[\[\n {2}\S/);
  for (const word of ['Input:', 'KEYS[1]', 'Output:', 'Events:']) expect(text).toContain(word);
});

/** Their replies have no code. */
const plain = ['head.lua', 'due.lua', 'remind.lua'];

it.each(files.filter((file) => !plain.includes(file)))(
  'the codes of %s are those of its step',
  async (file) => {
    const output = /Output:\n([\s\S]*?)\n\n/.exec(textOf(file))?.[1] ?? '';
    const said = [...output.matchAll(/^ {4}\{(\d+)[^}]*\} ([a-z-]+)/gm)];
    expect(Object.fromEntries(said.map(([, code, name]) => [code, name]))).toEqual(
      await codesOf(file),
    );
  },
);

it.each(files)('%s uses every key and argument that it names, and no other', (file) => {
  const text = textOf(file);
  const [header = '', body = ''] = text.split(/^\]\]$/m);
  const named = (part: string) => new Set(part.match(/(KEYS|ARGV)\[\d+\]/g));
  // Lists, which begin where the line says and are read in a loop, are named by their first places.
  const single = header.replaceAll(/^.*\.\.\. .*$/gm, '');
  for (const use of named(body)) expect(named(header)).toContain(use);
  for (const name of named(single)) expect(named(body)).toContain(name);
});

const commandsOf = (text: string): string[] =>
  [...text.matchAll(/redis\.call\('([A-Z]+)'/g)].map(([, name = '']) => name);

it('the probe uses each command that another script uses, so that it finds each right that is missing', () => {
  const others = [...files, 'shared.lua'].filter((file) => file !== 'probe.lua');
  const used = new Set(others.flatMap((file) => commandsOf(textOf(file))));
  expect([...new Set(commandsOf(scripts.probe.source))].sort()).toEqual([...used].sort());
});

it('scripts that only read say so', () => {
  const reading = ['command', 'find', 'head', 'items', 'open', 'read', 'run'] as const;
  for (const step of [...reading, 'file', 'piece', 'pieces'] as const)
    expect(scripts[step].source).toMatch(/^#!lua flags=no-writes\n/);
});

it('no include is left in a script', () => {
  for (const { source } of Object.values(scripts)) expect(source).not.toContain('--- @include');
});

it('a script has what it uses of the shared text, with what that uses, and nothing else', () => {
  const shared = `-- All of them.

local limit = 3

-- Adds the limit.
local function more(n)
  return n + limit
end

local function less(n) return n end
`;
  const script = '#!lua\n--[[\n  less\n]]\n--- @include shared.lua\nreturn more(1) -- less';
  expect(including(script, shared)).toBe(
    '#!lua\n--[[\n  less\n]]\nlocal limit = 3\n\n-- Adds the limit.\nlocal function more(n)\n  return n + limit\nend\nreturn more(1) -- less',
  );
});
