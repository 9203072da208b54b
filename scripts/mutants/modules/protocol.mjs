import { tests } from './tests.mjs';

/** @type {Readonly<Record<string, import('../modules.mjs').Module>>} */
export const modulesOfProtocol = {
  protocol: {
    files: ['packages/protocol/src/**/*.ts'],
    projects: ['protocol'],
    tests: tests(
      'projection projection-held queue json send fold decode close-codes errors position tables steers calls approvals files fold-pieces fold.property',
    ),
    first: {
      'limits.ts': tests('tables'),
      'files.ts': tests('files'),
      'fold.ts': tests('fold fold-pieces'),
      'send.ts': tests('send'),
      'queue.ts': tests('queue'),
      'json.ts': tests('json'),
      'text-references.ts': tests('fold-pieces'),
      'sums.ts': tests('fold-pieces'),
      'steers.ts': tests('steers'),
      'approvals.ts': tests('approvals'),
      'calls.ts': tests('calls'),
      'open.ts': tests('projection-held'),
      'errors.ts': tests('errors tables'),
      'answers.ts': tests('send'),
      'items.ts': tests('projection projection-held'),
      'session-projection.ts': tests('projection projection-held'),
    },
  },
};
