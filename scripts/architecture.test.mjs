// ARCHITECTURE.md is a map: what it names has to be there.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './root.mjs';

const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
})
  .toString()
  .split('\n');

/** Words in code that are a file or a folder, such as `runs/batch.ts` and `redis/lua/`. */
const places = [...text.matchAll(/`([\w.@/-]+)`/g)]
  .map(([, place]) => place)
  .filter(
    (place) => /\.(ts|mjs|lua|md)$|\/$/.test(place) || /^(log|server|client)\/src\//.test(place),
  );

const isThere = (place) => {
  const path = `/${place.replace(/\/$/, '')}`;
  return files.some((file) => `/${file}`.endsWith(path) || `/${file}`.includes(`${path}/`));
};

it('ARCHITECTURE.md names no file and no folder that is not there', () => {
  expect(places.filter((place) => !isThere(place))).toEqual([]);
});

it('ARCHITECTURE.md stays a page', () => {
  expect(places.length).toBeGreaterThan(50);
  expect(text.split('\n').length).toBeLessThanOrEqual(161);
});
