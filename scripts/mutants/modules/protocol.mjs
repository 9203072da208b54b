import { tests } from './tests.mjs';

/** @type {Readonly<Record<string, import('../modules.mjs').Module>>} */
export const modulesOfProtocol = {
  protocol: {
    files: ['packages/protocol/src/**/*.ts'],
    projects: ['protocol'],
    tests: tests(
      'projection projection-held queue json send fold decode close-codes errors position tables steers calls approvals files fold.property',
    ),
    first: {
      'limits.ts': tests('tables'),
      'files.ts': tests('files'),
      'fold.ts': tests('fold'),
      'send.ts': tests('send'),
      'queue.ts': tests('queue'),
      'json.ts': tests('json'),
      'items.ts': tests('projection projection-held'),
      'session-projection.ts': tests('projection projection-held'),
    },
  },
};
