// What the first screen of the README claims of rivals, with its sources. Its numbers are held by the benchmark's tests.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cellsOf } from './docs/tables.mjs';
import { root } from './root.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');

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
