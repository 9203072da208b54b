// What is mutated, and which tests have to see it.

/**
 * @typedef {object} Module
 * @property {string[]} files patterns
 * @property {string[]} [except] of them
 * @property {string} project of vitest
 * @property {string[]} tests that cover the module, of this project
 * @property {Record<string, string[]>} [first] the tests nearest to a file, by the end of its path: most
 *   mutants end there
 * @property {{ project: string, tests: string[] }} [elsewhere] tests of a package that is built on it
 */

const log = 'packages/log/src';
const server = 'packages/server/src';

/** Names of test files without their folder and end. */
const tests = (names) => names.split(' ').map((name) => `test/${name}.test.ts`);

/**
 * Not those that fork: their processes run what was built, and no mutant.
 *
 * @type {Readonly<Record<string, Module>>}
 */
export const modules = {
  'log/feed': {
    files: [`${log}/feed/*.ts`],
    project: 'log',
    tests: tests('feeds feed-repair memory'),
  },
  'server/session': {
    files: [`${server}/session/*.ts`],
    project: 'server (ai 7)',
    tests: tests(
      'history subscribe presence failover flow rounds lists authors answers steer http run handoff prompts edge-cases fold-message given unread view.property reduce-chunks.property',
    ),
    first: {
      'cursor.ts': tests('history lists'),
      'fold-message.ts': tests('fold-message history'),
      'handle.ts': tests('run history handoff'),
      'hub.ts': tests('subscribe history failover'),
      'hubs.ts': tests('subscribe history'),
      'page-limit.ts': tests('lists http'),
      'presence.ts': tests('presence'),
      'reduce-chunks.ts': tests('fold-message reduce-chunks.property'),
      'ring.ts': tests('subscribe rounds flow'),
      'roster.ts': tests('presence'),
      'rounds.ts': tests('rounds'),
      'stored-item.ts': tests('history authors steer'),
      'view.ts': tests('history failover view.property'),
    },
  },
  'server/gateway': {
    files: [`${server}/gateway/*.ts`],
    project: 'server (ai 7)',
    tests: tests(
      'gateway subscribe flow unread presence failover upgrades framed guarded quotas doors rounds closing rights',
    ),
    first: {
      'attach.ts': tests('gateway upgrades'),
      'connection.ts': tests('gateway'),
      'framed.ts': tests('framed'),
      'gateway.ts': tests('gateway upgrades'),
      'guarded-socket.ts': tests('guarded gateway'),
      'intercept.ts': tests('gateway upgrades'),
      'lobby.ts': tests('upgrades gateway'),
      'outlet.ts': tests('unread flow'),
      'replay.ts': tests('subscribe failover'),
      'snapshot-frames.ts': tests('unread subscribe'),
      'subscription.ts': tests('subscribe flow unread'),
      'window.ts': tests('flow'),
    },
  },
  'server/run': {
    files: [`${server}/run/{writer,handover,keeper}.ts`],
    project: 'server (ai 7)',
    tests: tests('writer handover keeper kept history run failover lease stopped'),
    first: {
      'writer.ts': tests('writer run'),
      'handover.ts': tests('handover kept'),
      'keeper.ts': tests('keeper history'),
    },
  },
  'client/session': {
    files: ['packages/client/src/session/*.ts'],
    project: 'client (ai 7)',
    tests: tests(
      'session/reader session/replay session/transcript wire sync/reconcile sync/played sync/sending sync/tools sync/authors sync/queue sync/steer sync/history sync/handoff integration/resume integration/chat sync/everywhere.property',
    ),
    first: {
      'transcript.ts': tests('session/transcript sync/played sync/reconcile'),
      'session.ts': tests('wire sync/played sync/history sync/sending'),
      'reader.ts': tests('session/reader'),
      'replay.ts': tests('session/replay'),
    },
  },
  protocol: {
    files: ['packages/protocol/src/**/*.ts'],
    project: 'protocol',
    tests: ['test'],
    first: { 'limits.ts': tests('tables'), 'fold.ts': tests('fold'), 'send.ts': tests('send') },
    elsewhere: {
      project: 'server (ai 7)',
      tests: tests('history steer authors answers adopt view.property crashes.property'),
    },
  },
};
