// Runs the tests of a module over one mutant.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../toolchain.mjs';
import { variable } from './mutant.mjs';

/** A mutant may go round for ever where no test's own limit ends it. */
const limitMs = 180_000;

/** @typedef {{ kind: 'killed' | 'survived', by: string }} Verdict */

/**
 * Runs the nearest tests first and the others only when those saw nothing.
 *
 * @param {import('./mutant.mjs').Mutant | null} mutant null runs all of them over the source as it is
 * @param {{ name: string, redisUrl: string }} run `name` of the report
 * @returns {Promise<Verdict>}
 */
export async function tryMutant(mutant, { project, tests, first = {} }, run) {
  const nearest = Object.entries(first).find(([end]) => mutant?.file.endsWith(end))?.[1] ?? [];
  const others = tests.filter((file) => !nearest.includes(file));
  for (const files of [nearest, others]) {
    if (files.length === 0) continue;
    const failed = await failedTest([`--project=${project}`, ...files], mutant, run);
    if (failed) return { kind: 'killed', by: failed };
  }
  return { kind: 'survived', by: '' };
}

/** The name of the first test that fails; null when all pass. */
async function failedTest(args, mutant, { name, redisUrl }) {
  const folder = join(root, 'node_modules', '.cache', 'reports');
  const report = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  rmSync(report, { force: true });
  const env = { ...process.env, REDIS_URL: redisUrl };
  if (mutant) env[variable] = JSON.stringify(mutant);
  const reporters = ['--reporter=json', `--outputFile.json=${report}`];
  const options = ['--bail=1', '--maxWorkers=1', '--passWithNoTests=false'];
  const code = await vitest(['run', ...options, ...reporters, ...args], env);
  if (code === 0) return null;
  if (!existsSync(report)) return 'no end within the limit';
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const all = testResults.flatMap((file) => file.assertionResults);
  return all.find(({ status }) => status === 'failed')?.fullName ?? 'a file that does not load';
}

function vitest(args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn('vitest', args, { cwd: root, env, stdio: 'ignore', detached: true });
    const end = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group is gone already.
      }
    };
    const timer = setTimeout(end, limitMs);
    process.once('exit', end);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      // A worker may outlive the process that was ended.
      end();
      resolve(code ?? 1);
    });
  });
}
