import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { complaints, exceptions } from './exceptions.mjs';
import { root } from './root.mjs';

const list = [
  { border: 'file', files: ['a/list.ts'], why: 'one row a line' },
  { border: 'circle', files: ['a/'], why: 'two halves of one grammar' },
];
const found = (border, file) => ({ border, file, line: 7, says: 'It is too much' });

it('what is beyond a border is refused, unless it is listed for that border', () => {
  const findings = [found('file', 'a/list.ts'), found('circle', 'a/b/c.ts')];
  expect(complaints(findings, ['file', 'circle'], list)).toEqual([]);
  const others = [...findings, found('circle', 'b/list.ts'), found('function', 'a/list.ts')];
  expect(complaints(others, ['file', 'circle'], list)).toEqual([
    expect.stringMatching(/^b\/list\.ts:7 It is too much; /),
    expect.stringMatching(/^a\/list\.ts:7 It is too much; /),
  ]);
});

it('an exception that nothing needs is refused, where its border was looked at', () => {
  const findings = [found('circle', 'a/b/c.ts')];
  expect(complaints(findings, ['circle'], list)).toEqual([]);
  expect(complaints(findings, ['circle', 'file'], list)).toEqual([
    expect.stringMatching(/^a\/list\.ts needs no exception .* "file"/),
  ]);
});

it('each exception says why', () => {
  for (const { files, why } of exceptions) {
    expect(files.length).toBeGreaterThan(0);
    expect(why.length).toBeGreaterThan(0);
  }
});

it('the limits are measured: lines of files and functions, parameters, circles of types', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-limits-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
  writeFileSync(join(folder, '.gitignore'), 'dist\n');
  spawnSync('git', ['init', '--quiet'], { cwd: folder });
  mkdirSync(join(folder, 'src'));
  const write = (file, text) => writeFileSync(join(folder, 'src', file), text);
  const lines = (count) =>
    Array.from({ length: count }, (_, n) => `  console.log(${n});\n`).join('');
  write('file.ts', `/*\n${'word\n'.repeat(299)}*/\n`);
  write('short.ts', lines(300));
  write('long.ts', `export function long() {\n${lines(81)}}\n`);
  write(
    'long.test.ts',
    `describe('long', () => {\n${lines(81)}});\nit('is', () => {\n${lines(81)}});\n`,
  );
  write(
    'table.test.ts',
    `describe.each([\n  ['a', () => 1],\n])(\n  'of %s',\n  (_, make) => {\n${lines(81)}  },\n);\n`,
  );
  write('many.ts', 'export const many = (a, b, c, d, e) => [a, b, c, d, e];\n');
  write('one.ts', "import type { Two } from './two.ts';\nexport type One = Two | 1;\n");
  write('two.ts', "import type { One } from './one.ts';\nexport type Two = One | 2;\n");
  write('right.ts', `export function right(a, b, c, d) {\n${lines(70)}}\n`);
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts', 'check-limits.mjs')],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}` },
    },
  );
  const places = [...stderr.matchAll(/^src\/(\S+:\d+) /gm)].map(([, place]) => place).sort();
  expect(places).toEqual([
    'file.ts:1',
    'long.test.ts:84',
    'long.ts:1',
    'many.ts:1',
    'one.ts:1',
    'two.ts:1',
  ]);
  expect(status).toBe(1);
});
