import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { numbered, renamed } from './number-tags.mjs';
import { root } from './root.mjs';

const tag = (letters, number) => `HF-${letters}-${number}`;
const protocol = (...tags) => tags.map((name) => `- \`${name}\` Something holds.`).join('\n');

it('requirements are numbered from 1 within their letters, in their order', () => {
  const names = numbered(protocol(tag('X', 7), tag('X', 1), tag('Y', 3), tag('X', 4)));
  expect([...names]).toEqual([
    [tag('X', 7), tag('X', 1)],
    [tag('X', 1), tag('X', 2)],
    [tag('Y', 3), tag('Y', 1)],
    [tag('X', 4), tag('X', 3)],
  ]);
});

it('tags that change places are not renamed twice', () => {
  const names = numbered(protocol(tag('X', 2), tag('X', 1)));
  const text = (first, second) => `${tag('X', first)}, ${tag('X', second)}: and ${tag('X', 12)}`;
  expect(renamed(text(1, 2), names)).toBe(text(2, 1));
});

it('a tag that two requirements have is refused', () => {
  expect(() => numbered(protocol(tag('X', 1), tag('X', 1)))).toThrow('twice');
});

it('PROTOCOL.md has its requirements in the order of their numbers', () => {
  const names = numbered(readFileSync(join(root, 'PROTOCOL.md'), 'utf8'));
  const misplaced = [...names].filter(([now, next]) => now !== next);
  expect(misplaced, 'run `node scripts/number-tags.mjs`').toEqual([]);
});
