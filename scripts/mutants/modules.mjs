// What is mutated, and which tests have to see it.

/**
 * @typedef {object} Module
 * @property {string[]} files patterns
 * @property {string[]} [except] of them
 * @property {string[]} projects of vitest
 * @property {string[]} tests that cover the module, of this project
 * @property {Record<string, string[]>} [first] the tests nearest to a file, by the end of its path: most
 *   mutants end there
 */

const log = 'packages/log/src';
const server = 'packages/server/src';
const onServer = ['server', 'server (ai 7)'];

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
    projects: ['log'],
    tests: tests('feed-parts feeds feed-repair memory'),
    first: { 'feed.ts': tests('feed-parts feeds feed-repair'), '.ts': tests('feed-parts feeds') },
  },
  'log/lua': {
    files: [`${log}/redis/lua/*.lua`],
    projects: ['log'],
    tests: tests('redis redis-scripts redis-stored redis-probe'),
  },
  'server/session': {
    files: [`${server}/session/*.ts`],
    projects: onServer,
    tests: tests(
      'hub view ring roster presence history subscribe failover broadcaster authors handoff',
    ),
    first: {
      'cursor.ts': tests('hub'),
      'fold-message.ts': tests('fold-message history'),
      'handle.ts': tests('history run'),
      'hub.ts': tests('hub view'),
      'hubs.ts': tests('hub'),
      'page-limit.ts': tests('lists http'),
      'presence.ts': tests('presence'),
      'reduce-chunks.ts': tests('fold-message reduce-chunks.property'),
      'ring.ts': tests('ring'),
      'roster.ts': tests('roster presence'),
      'broadcaster.ts': tests('broadcaster'),
      'stored-item.ts': tests('authors history'),
      'view.ts': tests('view history'),
    },
  },
  'server/gateway': {
    files: [`${server}/gateway/*.ts`],
    projects: onServer,
    tests: tests(
      'gateway-parts connection subscription unread flow presence subscribe failover guarded upgrades gateway',
    ),
    first: {
      'attach.ts': tests('upgrades gateway'),
      'connection.ts': tests('connection'),
      'framed.ts': tests('framed'),
      'gateway.ts': tests('gateway-parts upgrades'),
      'guarded-socket.ts': tests('guarded gateway'),
      'intercept.ts': tests('upgrades gateway'),
      'lobby.ts': tests('gateway-parts'),
      'outlet.ts': tests('gateway-parts'),
      'replay.ts': tests('subscription'),
      'snapshot-frames.ts': tests('gateway-parts'),
      'subscription.ts': tests('subscription'),
      'window.ts': tests('gateway-parts'),
    },
  },
  'server/runs': {
    files: [
      `${server}/runs/writer.ts`,
      `${server}/retry-unavailable.ts`,
      `${server}/upkeep/{hook-delivery,checkpointer}.ts`,
    ],
    projects: onServer,
    tests: tests('writer hook-delivery checkpointer kept history'),
    first: {
      'writer.ts': tests('writer'),
      'retry-unavailable.ts': tests('writer'),
      'hook-delivery.ts': tests('hook-delivery'),
      'checkpointer.ts': tests('checkpointer'),
    },
  },
  'client/session': {
    files: ['packages/client/src/session/*.ts'],
    projects: ['client', 'client (ai 7)'],
    tests: tests(
      'session/reader session/replay session/transcript wire sync/played sync/reconcile sync/sending sync/queue sync/handoff integration/resume',
    ),
    first: {
      'transcript.ts': tests('session/transcript'),
      'reply.ts': tests('session/transcript'),
      'session.ts': tests('wire sync/played'),
      'reader.ts': tests('session/reader'),
      'replay.ts': tests('session/replay'),
    },
  },
  protocol: {
    files: ['packages/protocol/src/**/*.ts'],
    projects: ['protocol'],
    tests: tests(
      'projection queue json send fold decode close-codes errors position tables steers calls approvals fold.property',
    ),
    first: {
      'limits.ts': tests('tables'),
      'fold.ts': tests('fold'),
      'send.ts': tests('send'),
      'queue.ts': tests('queue'),
      'json.ts': tests('json'),
      'items.ts': tests('projection'),
      'session-projection.ts': tests('projection'),
    },
  },
};
