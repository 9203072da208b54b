// Holds how many tests passed against how many there were: what vanishes must not count as passed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './toolchain.mjs';

const file = join(root, 'scripts', 'test-counts.json');

/** A package, an app or the scripts, by the path of a test file in it. */
const folderOf = (path) => {
  const [first, second] = relative(root, path).split('/');
  return first === 'packages' || first === 'apps' ? `${first}/${second}` : first;
};

/**
 * How many tests of each package and app passed, by vitest's report.
 *
 * @param {{ testResults: { name: string, assertionResults: { status: string }[] }[] }} report
 * @returns {Record<string, number>}
 */
export function countsOf({ testResults }) {
  const counts = {};
  for (const { name, assertionResults } of testResults) {
    const folder = folderOf(name);
    const passed = assertionResults.filter(({ status }) => status === 'passed').length;
    counts[folder] = (counts[folder] ?? 0) + passed;
  }
  return counts;
}

/**
 * What is missing, in words; empty when there are at least as many as were recorded.
 *
 * @param {Record<string, number>} counts
 * @param {Record<string, number>} least
 */
export const missing = (counts, least) =>
  Object.entries(least).flatMap(([folder, number]) => {
    const passed = counts[folder] ?? 0;
    return passed < number
      ? [
          `${folder}: ${passed} tests passed, of at least ${number}; where that is meant, node scripts/counts.mjs notes it`,
        ]
      : [];
  });

/** The reports of vitest whose tests are counted, by name. */
const reports = ['unit', 'hosts', 'examples'];
const reportOf = (folder) => (reports.includes(folder) ? folder : 'unit');

/**
 * How many tests of each folder have to pass in a run.
 *
 * @param {string} report its name
 * @returns {Record<string, number>}
 */
export const recorded = (report) =>
  Object.fromEntries(Object.entries(all()).filter(([folder]) => reportOf(folder) === report));

const all = () => JSON.parse(readFileSync(file, 'utf8'));

/**
 * `node scripts/counts.mjs`: notes what passed in the last `npm test` and `npm run test:hosts` as
 * what has to pass from now on. `unit`, `hosts` or `examples` after it notes that of one of them.
 */
if (process.argv[1] === import.meta.filename) {
  const [only] = process.argv.slice(2);
  const counts = all();
  for (const report of only ? [only] : reports) {
    const last = join(root, 'node_modules', '.cache', 'reports', `${report}.json`);
    const passed = countsOf(JSON.parse(readFileSync(last, 'utf8')));
    const absent = Object.keys(recorded(report)).filter((folder) => !passed[folder]);
    if (absent.length > 0)
      throw new Error(
        `unable to note the counts: the last run had no tests of ${absent.join(', ')}`,
      );
    Object.assign(counts, passed);
  }
  const sorted = Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
}
