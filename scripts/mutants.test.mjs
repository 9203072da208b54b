import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { equivalents } from './mutants/equivalents.mjs';
import { mutantsOfLua } from './mutants/lua-operators.mjs';
import { modules } from './mutants/modules.mjs';
import { linesOf } from './mutants/mutant.mjs';
import { mutantsOfTypeScript } from './mutants/operators.mjs';
import { candidatesOf, sampleOf } from './mutants/sample.mjs';
import { root } from './root.mjs';

const linesIn = (mutants, text) => mutants.map((mutant) => linesOf(mutant, text).after);
const typeScript = (text) => linesIn(mutantsOfTypeScript('a.ts', text), text);
const lua = (text) => linesIn(mutantsOfLua('a.lua', text), text);

describe('of TypeScript', () => {
  it.each([
    [
      'const b = () => { if (a) return; };',
      ['const b = () => { if (!(a)) return; };', 'const b = () => { ; };'],
    ],
    ['if (a) b();', ['if (!(a)) b();', 'if (a) ;']],
    [
      'const a = b < 1 || c;',
      ['const a = ((b < 1) && (c));', 'const a = b <= 1 || c;', 'const a = b < 2 || c;'],
    ],
    ['a = b ?? c;', [';', 'a = b;']],
    ['for (;;) a++;', ['for (;;) ;', 'for (;;) a--;']],
    ['while (a) b();', ['while (false) b();', 'while (a) ;']],
    ['await a().catch(b);', [';', 'a().catch(b);', 'await a();']],
    [
      'try { a(); } catch { b(); }',
      ['{ a(); }', 'try { ; } catch { b(); }', 'try { a(); } catch { ; }'],
    ],
    ['a(async () => b ? await c : await d);', [';', 'a(async () => !(b) ? await c : await d);']],
    [
      'const a = async () => (await b) ?? await c;',
      ['const a = async () => await b;', 'const a = async () => (b) ?? await c;'],
    ],
    [
      'const a = (b as number) - 1;',
      ['const a = b as number + 1;', 'const a = (b as number) - 2;'],
    ],
  ])('%s', (text, mutants) => {
    expect(typeScript(text)).toEqual(mutants);
  });

  it.each([
    "import a, { type B } from 'b';",
    'interface A { readonly b: 1 | true }',
    "type A = typeof b extends 1 ? true : 'c';",
    "const a = 'words';",
    'async function a() { return await b; }',
    'const a = async () => await b;',
    'const a = async function* () { return yield await b; };',
  ])('%s has none', (text) => {
    expect(typeScript(text)).toEqual([]);
  });
});

it('of Lua', () => {
  expect(lua('if a < 1 then return { 2 } end')).toEqual([
    '',
    'if not (a < 1) then return { 2 } end',
    'if a <= 1 then return { 2 } end',
    'if a < 2 then return { 2 } end',
    'if a < 1 then return { 3 } end',
  ]);
  expect(lua("  redis.call('DEL', k)")).toEqual(['']);
  expect(lua('-- if a then b end\n--[[ a and b ]]')).toEqual([]);
});

describe('a sample', () => {
  const candidates = candidatesOf(modules['log/feed']);

  it('is the same for the same seed, and another for another one', () => {
    expect(sampleOf(candidates, '1', 30)).toEqual(sampleOf(candidates, '1', 30));
    expect(sampleOf(candidates, '2', 30)).not.toEqual(sampleOf(candidates, '1', 30));
    expect(sampleOf(candidates, '1', 10)).toEqual(sampleOf(candidates, '1', 30).slice(0, 10));
  });

  it('stays the same where a line comes to stand elsewhere', () => {
    const moved = candidates.map((each) => ({ ...each, start: each.start + 9, number: 1 }));
    const says = (sample) => sample.map(({ before, after }) => [before, after]);
    expect(says(sampleOf(moved, '1', 30))).toEqual(says(sampleOf(candidates, '1', 30)));
  });
});

it('each module has mutants, and each test that is to see them is there', () => {
  for (const module of Object.values(modules))
    expect(candidatesOf(module).length).toBeGreaterThan(100);
});

const folders = Object.entries({
  'packages/server/test': ['runs', 'session', 'gateway', 'commands', 'http', 'files', 'upkeep'],
  'packages/client/test': ['session', 'connection', 'sync'],
}).flatMap(([test, names]) => names.map((name) => `${test}/${name}`));

const inLog = ['feed', 'redis', 'encrypted'].map((start) => `packages/log/test/${start}`);

it.each([...folders, ...inLog])(
  'the tests of %s have to see the mutants of what they test, but for those that fork',
  (start) => {
    const known = new Set(
      Object.values(modules).flatMap(({ files, tests, first = {} }) => {
        const [folder] = files[0].split('/src/');
        return [...tests, ...Object.values(first).flat()].map((test) => `${folder}/${test}`);
      }),
    );
    const found = globSync(`${start}{/**/,-}*.test.ts`, { cwd: root });
    expect(found.length).toBeGreaterThan(1);
    const forks = (file) => /\bfork(ed|Source)\(/.test(readFileSync(join(root, file), 'utf8'));
    expect(found.filter((file) => !known.has(file) && !forks(file))).toEqual([]);
  },
);

const all = Object.values(modules).flatMap(candidatesOf);

it.each(equivalents)('$file: "$after" is a mutant, and is said to be equivalent once', (listed) => {
  const isSame = (each) =>
    each.file === listed.file && each.before === listed.before && each.after === listed.after;
  expect(all.filter(isSame).length).toBeGreaterThan(0);
  expect(listed.reason.length).toBeGreaterThan(20);
  expect(equivalents.filter(isSame)).toHaveLength(1);
});
