// Takes out what sessions rely on, piece by piece, and sees a test fail each time.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { guards, variable, withoutGuard } from './guards.mjs';
import { run } from './process.mjs';
import { root } from './toolchain.mjs';

/**
 * Runs the tests of each guard without it; one that nobody misses counts as failed.
 *
 * @returns {Promise<import('./steps.mjs').Result>}
 */
export async function checkGuards() {
  const folder = join(root, 'node_modules', '.cache', 'reports');
  mkdirSync(folder, { recursive: true });
  const waiting = [...guards.entries()];
  const failures = [];
  const check = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      if (!(await isMissed(...next, folder))) failures.push(next[1].name);
  };
  await Promise.all(Array.from({ length: atOnce }, check));
  const failed = failures.length;
  return { passed: guards.length - failed, failed, skipped: 0, failures };
}

/** Each spends most of its time on one processor: loading what it tests. */
const atOnce = 2;

async function isMissed(at, guard, folder) {
  const report = join(folder, `guard-${at}.json`);
  withoutGuard(guard);
  rmSync(report, { force: true });
  const args = ['run', '--bail=1', '--reporter=json', `--outputFile.json=${report}`];
  const env = { ...process.env, [variable]: String(at) };
  await run('vitest', [...args, ...guard.tests], { cwd: root, env, output: 'hidden' });
  // A file that does not load would fail without any test that misses the guard.
  const missed = JSON.parse(readFileSync(report, 'utf8')).numFailedTests > 0;
  rmSync(report);
  console.log(`  ${missed ? 'missed' : 'NOT MISSED'}: ${guard.name}`);
  return missed;
}
