// Takes out what sessions rely on, piece by piece, and sees a test fail each time.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { guards, variable, withoutGuard } from './guards.mjs';
import { run } from './process.mjs';
import { root } from './toolchain.mjs';

/**
 * Runs the tests of each guard without it; one that nobody misses counts as failed.
 *
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function checkGuards() {
  const folder = join(root, 'node_modules', '.cache', 'reports');
  const report = join(folder, 'guard.json');
  mkdirSync(folder, { recursive: true });
  let failed = 0;
  for (const [at, guard] of guards.entries()) {
    withoutGuard(guard);
    rmSync(report, { force: true });
    const args = ['run', '--bail=1', '--reporter=json', `--outputFile.json=${report}`];
    const env = { ...process.env, [variable]: String(at) };
    await run('vitest', [...args, ...guard.tests], { cwd: root, env, output: 'hidden' });
    // A file that does not load would fail without any test that misses the guard.
    const isMissed = JSON.parse(readFileSync(report, 'utf8')).numFailedTests > 0;
    if (!isMissed) failed += 1;
    console.log(`  ${isMissed ? 'missed' : 'NOT MISSED'}: ${guard.name}`);
  }
  return { passed: guards.length - failed, failed, skipped: 0 };
}
