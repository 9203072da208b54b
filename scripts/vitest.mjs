// Runs vitest and counts its tests from the JSON report.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { countsOf, missing } from './counts.mjs';
import { print } from './output.mjs';
import { run } from './process.mjs';
import { retriedOf } from './retried-reporter.mjs';
import { root } from './toolchain.mjs';

/** A machine that others share may stop for longer than any test waits; who passes then is named in the end. */
export const attempts = process.env.CI ? 2 : 1;

/**
 * @param {string} name of the report
 * @param {string[]} args for `vitest run`
 * @param {string} cwd where its configuration is
 * @param {Record<string, number>} least how many tests of each folder have to pass
 */
export async function runVitest(name, args, cwd = root, least = {}) {
  const folder = join(root, 'node_modules', '.cache', 'reports');
  const report = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  for (const file of [report, retriedOf(report)]) rmSync(file, { force: true });

  const noted = join(root, 'scripts', 'retried-reporter.mjs');
  const reporters = ['default', 'json', noted].map((reporter) => `--reporter=${reporter}`);
  const options = [...reporters, `--outputFile.json=${report}`, `--retry=${attempts - 1}`];
  const code = await run('vitest', ['run', ...options, ...args], { cwd });
  return countReport(report, code, least);
}

/**
 * @param {string} report path of vitest's JSON report
 * @param {number} code exit code of that run
 * @param {Record<string, number>} least how many tests of each folder have to pass
 */
export function countReport(report, code, least = {}) {
  if (!existsSync(report)) throw new Error('vitest left no report');
  const content = JSON.parse(readFileSync(report, 'utf8'));
  const { testResults, numPassedTests, numFailedTests, numPendingTests, numTodoTests } = content;
  // A file that did not even load has failed, although none of its tests has.
  const unloaded = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((t) => t.status !== 'failed'),
  ).length;
  const isHeld = Object.keys(least).length > 0;
  const gone = isHeld ? missing(countsOf(content), least) : [];
  // A test that failed has been counted, and is missing among those that passed.
  const vanished = numFailedTests + unloaded > 0 ? 0 : gone.length;
  for (const text of gone) print(`${text}\n`);
  const failed = numFailedTests + unloaded + vanished;
  return {
    passed: numPassedTests,
    // So has a run with an error outside of any test.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
    failures: [...testResults.flatMap(failuresOf), ...gone],
    retried: existsSync(retriedOf(report))
      ? JSON.parse(readFileSync(retriedOf(report), 'utf8'))
      : [],
  };
}

/** What failed in a file, each with the first line of its reason: for those who see only the end of a log. */
function failuresOf({ name, status, message, assertionResults }) {
  const path = relative(root, name);
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0) return status === 'failed' ? [said(path, message)] : [];
  return tests.map(({ fullName, failureMessages }) =>
    said(`${path}: ${fullName}`, failureMessages?.[0]),
  );
}

const said = (what, why = '') => (why === '' ? what : `${what}\n    ${why.split('\n')[0]}`);
