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
};
