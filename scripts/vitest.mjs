// Runs vitest and counts its tests from the JSON report.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.mjs';
import { root } from './toolchain.mjs';

/**
 * @param {string} name of the report
 * @param {string[]} args for `vitest run`
 * @param {string} cwd where its configuration is
 */
export async function runVitest(name, args, cwd = root) {
  const folder = join(root, 'node_modules', '.cache', 'reports');
  const report = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  rmSync(report, { force: true });

  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run('vitest', ['run', ...reporters, ...args], { cwd });
  return countReport(report, code);
}

/**
 * @param {string} report path of vitest's JSON report
 * @param {number} code exit code of that run
 */
export function countReport(report, code) {
  if (!existsSync(report)) throw new Error('vitest left no report');
  const { testResults, numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  // A file that did not even load has failed, although none of its tests has.
  const unloaded = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((t) => t.status !== 'failed'),
  ).length;
  const failed = numFailedTests + unloaded;
  return {
    passed: numPassedTests,
    // So has a run with an error outside of any test.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
  };
}
