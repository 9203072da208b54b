import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const load = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(
    process.execPath,
    [
      '--import',
      here('../../../packages/testkit/src/sources.ts'),
      here('../src/soak/main.ts'),
      ...args,
    ],
    { timeout: 240_000 },
  );

test('clients over two gateways see every word, although they are cut and loaded anew', async () => {
  const size = ['--sessions', '4', '--clients', '3', '--gateways', '2', '--seconds', '3'];
  const pace = ['--words', '40', '--per-second', '40', '--churn', '4', '--seed', '7'];
  const { stdout, stderr } = await load(...size, ...pace);
  expect(stderr).not.toContain('wrong');
  expect(stdout).toContain('4 sessions of 3 clients, 2 gateways; seed 7');
  expect(stdout).toMatch(/12 of 12 clients live .* [1-9]\d* answers seen whole .* 0 wrong/);
  expect(stdout).toMatch(/\d+ bytes a client that waits/);
  expect(stdout).toContain('Every client saw every word once, in order.');
}, 300_000);

test('what is no number is answered with the usage', async () => {
  const failed = await load('--sessions', 'many').catch((error: unknown) => error);
  expect(failed).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/--sessions has to be a whole number.*--churn/s),
  });
});
