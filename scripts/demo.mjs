// What `npm run demo` does. It needs no Redis: without REDIS_URL the sessions are in memory.
import { join } from 'node:path';
import { run } from './process.mjs';
import { withProgress } from './progress.mjs';
import { root } from './root.mjs';

const app = join(root, 'apps', 'demo');

const build = (what) =>
  run('turbo', ['run', 'build', '--output-logs=errors-only', `--filter=${what}`], {
    cwd: root,
    output: 'onFailure',
  });

/**
 * Builds the packages and the app, then runs it until it is stopped.
 *
 * @param {string[]} args for the app: see apps/demo/lib/command-line.ts
 */
export async function demo(args) {
  const node = (file) => run('node', [file, ...args], { cwd: app });
  return (
    // What was mistyped is said before anything is built.
    (await node('lib/command-line.ts')) ||
    (await withProgress('Building the packages', () => build('demo^...'))) ||
    (!args.includes('--dev') &&
      (await withProgress('Building the chat app', () => build('demo')))) ||
    (await node('server.ts'))
  );
}
