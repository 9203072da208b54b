// What the first screen of the README claims: numbers that the benchmark has measured, and rivals with their sources.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cellsOf } from './docs/tables.mjs';
import { root } from './root.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');
const { rows } = JSON.parse(read('docs/benchmarks/numbers.json'));

/** The columns of the table, as the benchmark names them. */
const sides = ['sse', 'resumable-stream', 'holdfast-redis', 'holdfast-memory'];

const claims = cellsOf('README.md', 'median |').flatMap(([what, ...values]) => {
  const id = /`([\w-]+)`$/.exec(what)?.[1] ?? what;
  return values.map((value, at) => ({ id, side: sides[at], value }));
});

it.each(claims)('$id of $side is $value, as it was measured', ({ id, side, value }) => {
  const row = rows.find((each) => each.id === id);
  const measured = row?.sides[side] ?? null;
  const decimals = /\.(\d+)/.exec(value)?.[1].length ?? 0;
  expect(measured === null ? '–' : `${measured.toFixed(decimals)} ${row.unit}`).toBe(value);
});

it('has three numbers, each for four sides', () => {
  expect(claims).toHaveLength(12);
});

const rivals = cellsOf('README.md', '| reload in mid-answer');

it('has five rows of comparison, each but our own with a source', () => {
  expect(rivals).toHaveLength(5);
  const without = rivals.filter(([name]) => !/\]\(https:/.test(name));
  expect(without.map(([name]) => name)).toEqual(['Holdfast']);
});

it('says which versions were compared: those that the benchmark has, where it has them', () => {
  const text = read('README.md');
  const catalog = read('pnpm-workspace.yaml');
  expect(text).toMatch(/documentation in \w+ \d{4}:/);
  const quoted = [...text.matchAll(/`([@\w./-]+)` (\d+\.\d+\.\d+)/g)];
  expect(quoted.map(([, name]) => name)).toEqual([
    'ai',
    'resumable-stream',
    '@ably/ai-transport',
    '@trigger.dev/sdk',
  ]);
  for (const [, name, version] of quoted) {
    const pinned = new RegExp(`^  '?${name}'?: (.+)$`, 'm').exec(catalog)?.[1];
    if (pinned !== undefined) expect(version, name).toBe(pinned);
  }
});
