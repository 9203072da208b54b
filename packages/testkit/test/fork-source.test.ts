import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { forkSource } from '../src/fork-source.ts';

interface Resolved {
  readonly protocol: string;
  readonly ai: string;
}

async function told(): Promise<Resolved> {
  const child = forkSource(new URL('./support/telling-process.ts', import.meta.url));
  onTestFinished(() => void child.kill('SIGKILL'));
  const [resolved] = (await once(child, 'message')) as [Resolved];
  return resolved;
}

it('a process that a test starts runs the sources, whatever was built', async () => {
  expect((await told()).protocol).toMatch(/\/packages\/protocol\/src\/index\.ts$/);
});

it.each([
  ['6', /ai@6\./],
  ['7', /ai@7\./],
])('it runs the AI SDK %s with its test', async (major, version) => {
  vi.stubEnv('AI_SDK', major);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect((await told()).ai).toMatch(version);
});

it('no test starts a process of the workspace in another way', () => {
  const packages = fileURLToPath(new URL('../../', import.meta.url));
  const files = readdirSync(packages).flatMap((name) =>
    readdirSync(join(packages, name, 'test'), { recursive: true }).map((file) =>
      join(packages, name, 'test', String(file)),
    ),
  );
  const tests = files.filter((file) => file.endsWith('.ts') && !file.includes('node_modules'));
  expect(tests.length).toBeGreaterThan(100);
  const forking = tests.filter((file) => /[^\w.]fork\(/.test(readFileSync(file, 'utf8')));
  expect(forking).toEqual([]);
});
