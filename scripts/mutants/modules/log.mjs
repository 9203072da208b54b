import { tests } from './tests.mjs';

const log = 'packages/log/src';

/** @type {Readonly<Record<string, import('../modules.mjs').Module>>} */
export const modulesOfLog = {
  'log/feed': {
    files: [`${log}/feed/*.ts`],
    projects: ['log'],
    tests: tests(
      'feed-parts feeds feed-rounds feed-repair feed-undelivered feed-states feed-ends memory',
    ),
    first: {
      'feed.ts': tests('feed-parts feeds feed-repair feed-undelivered feed-states feed-ends'),
      'poll.ts': tests('feed-rounds'),
      'rounds.ts': tests('feed-rounds feeds'),
      '.ts': tests('feed-parts feeds feed-ends'),
    },
  },
  'log/lua': {
    files: [`${log}/redis/lua/*.lua`],
    projects: ['log'],
    tests: tests(
      'redis redis-appends redis-shared redis-fields redis-lives redis-stored redis-scripts redis-keys redis-suspicion model',
    ),
    first: {
      'probe.lua': tests('redis-scripts redis-acl'),
      '.lua': tests(
        'redis redis-appends redis-shared redis-fields redis-lives redis-stored redis-scripts',
      ),
    },
  },
  'log/redis': {
    files: [`${log}/redis/*.ts`, `${log}/redis/steps/*.ts`],
    projects: ['log'],
    tests: tests(
      'redis redis-appends redis-renewals redis-gathered redis-shared redis-fields redis-lives redis-stored redis-scripts redis-keys redis-suspicion redis-reach redis-deadlines redis-faults redis-committed redis-replicated redis-fsync redis-ready redis-probe redis-acl redis-states redis-server redis-start redis-bus redis-dead redis-refusing redis-lost-replies redis-cut-off redis-memory redis-files redis-ioredis5 redis-cluster redis-resharding redis-sentinel durability model',
    ),
    first: {
      'appends.ts': tests('redis-appends redis-cluster'),
      'bus.ts': tests('redis redis-bus redis-cut-off redis-dead'),
      'channels.ts': tests('redis redis-cut-off redis-dead redis-refusing redis-memory'),
      'commits.ts': tests('redis-committed redis-replicated redis-fsync'),
      'committer.ts': tests('redis-committed redis-replicated redis-fsync'),
      'connect.ts': tests('redis-start redis'),
      'deadlines.ts': tests('redis-deadlines'),
      'disk-proof.ts': tests('redis-fsync'),
      'faults.ts': tests('redis-faults'),
      'gathered.ts': tests('redis-gathered redis-appends'),
      'health.ts': tests('redis-ready redis-server'),
      'including.ts': tests('redis-scripts'),
      'keys.ts': tests('redis-keys'),
      'reach.ts': tests('redis-reach redis-suspicion'),
      'renewals.ts': tests('redis-renewals redis-appends'),
      'slot.ts': tests('durability'),
      'watchdog.ts': tests('redis-dead redis-deadlines'),
      'writer.ts': tests('redis redis-start redis-states redis-server'),
      '.ts': tests('redis redis-states redis-server'),
    },
  },
  'log/memory': {
    files: [
      `${log}/memory/*.ts`,
      ...['chain', 'check', 'checked', 'durability', 'moved', 'sealed-size'].map(
        (name) => `${log}/${name}.ts`,
      ),
    ],
    projects: ['log'],
    tests: tests('check checked memory memory-time durability redis-shared model encrypted'),
    first: {
      'chain.ts': tests('redis-shared memory'),
      '/check.ts': tests('check checked'),
      'checked.ts': tests('checked memory'),
      'durability.ts': tests('durability'),
      'sealed-size.ts': tests('redis-shared encrypted'),
      '.ts': tests('memory memory-time'),
    },
  },
  'log/encrypted': {
    files: [`${log}/encrypted/*.ts`],
    projects: ['log'],
    tests: tests('encrypted encrypted-writes encrypted-files tampering.property'),
  },
};
