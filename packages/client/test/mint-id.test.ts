import { expect, it, onTestFinished, vi } from 'vitest';
import { defaultEnvironment } from '../src/environment.ts';

const { mintId } = defaultEnvironment;

it('ids that a client mints are random by the platform’s own cryptography', () => {
  const chance = vi.spyOn(Math, 'random');
  onTestFinished(() => chance.mockRestore());
  const ids = Array.from({ length: 1_000 }, mintId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^\d+(-\d+){3}$/);
  expect(chance).not.toHaveBeenCalled();
});

it('a host without it, such as a bare React Native, mints ids all the same', () => {
  vi.stubGlobal('crypto', undefined);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  const ids = Array.from({ length: 1_000 }, mintId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^\d+(-\d+){3}$/);
});
