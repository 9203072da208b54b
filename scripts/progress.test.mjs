import { expect, it } from 'vitest';
import { withProgress } from './progress.mjs';

const collect = (isTTY) => {
  const lines = [];
  return { lines, isTTY, write: (text) => lines.push(text) };
};

it.each([
  [0, '✔'],
  [1, '✘'],
])('says what is being done, and how long it took, for exit code %s', async (code, mark) => {
  const out = collect(false);
  expect(await withProgress('Building', async () => code, out)).toBe(code);
  expect(out.lines).toEqual([
    '▸ Building … 0 s\n',
    expect.stringContaining(`${mark} Building (0 s)`),
  ]);
});

it('writes over its own line in a terminal', async () => {
  const out = collect(true);
  await withProgress('Building', async () => 0, out);
  for (const text of out.lines) expect(text).toMatch(/^\r/);
});

it('lets through what the work throws', async () => {
  const out = collect(false);
  const broken = () => Promise.reject(new Error('no disk'));
  await expect(withProgress('Building', broken, out)).rejects.toThrow('no disk');
});
