import { expect, it } from 'vitest';
import { sdkFreeTests } from './sdk-free-tests.mjs';

const server = sdkFreeTests('packages/server');
const client = sdkFreeTests('packages/client');

it.each([
  ['the reducer', server, 'test/session/fold-message.test.ts'],
  ['a helper', server, 'test/gateway/gateway.test.ts'],
  ['a process that is forked', server, 'test/integration/processes.test.ts'],
  ['a binding', client, 'test/react/use-session.test.tsx'],
  ['a chat', client, 'test/wire.test.ts'],
])('tests that load the SDK by %s run over each of its majors', (_, free, file) => {
  expect(free).not.toContain(file);
});

it('tests that load only what knows no SDK run once, also where they know its types', () => {
  expect(server).toContain('test/wire-error.test.ts');
  expect(client).toContain('test/connection/state.test.ts');
  expect(client).toContain('test/session/reader.test.ts');
});
