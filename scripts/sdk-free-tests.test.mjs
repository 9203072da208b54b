import { expect, it } from 'vitest';
import { sdkFreeTests } from './sdk-free-tests.mjs';

it('tests that load the SDK, by whatever way, run over each of its majors', () => {
  const server = sdkFreeTests('packages/server');
  const client = sdkFreeTests('packages/client');
  // The reducer, a helper, a process that is forked, and a binding.
  expect(server).not.toContain('test/fold-message.test.ts');
  expect(server).not.toContain('test/gateway.test.ts');
  expect(server).not.toContain('test/processes.test.ts');
  expect(client).not.toContain('test/react/use-session.test.tsx');
  expect(client).not.toContain('test/wire.test.ts');
});

it('tests that load only what knows no SDK run once', () => {
  expect(sdkFreeTests('packages/server')).toContain('test/wire-error.test.ts');
  // Its types are gone when it runs.
  expect(sdkFreeTests('packages/client')).toContain('test/connection/state.test.ts');
  expect(sdkFreeTests('packages/client')).toContain('test/session/reader.test.ts');
});
