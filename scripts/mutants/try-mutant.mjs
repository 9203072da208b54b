// Runs the tests of a module over one mutant.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';
import { variable } from './mutant.mjs';

/** A mutant may go round for ever where no test's own limit ends it. */
const leastLimitMs = 180_000;
/** So many times what the tests take without one: a busy machine ends none. */
const patience = 2;

const late = /timed out/i;

/** @typedef {{ kind: 'killed' | 'survived', by: string }} Verdict */

/**
 * Runs the nearest tests first and the others only when those saw nothing.
 *
 * @param {import('./mutant.mjs').Mutant | null} mutant null runs all of them over the source as it is
 * @param {{ name: string, redisUrl: string, baseMs?: number }} run `name` of the report; what all tests take
 *   without a mutant, unless that is what this run tells
 * @returns {Promise<Verdict>}
 */
export async function tryMutant(mutant, module, run) {
  const projects = module.projects.map((name) => `--project=${name}`);
  for (const tests of stagesOf(mutant, module)) {
    const failed = await failedTwice([...projects, ...tests], mutant, run);
    if (failed) return { kind: 'killed', by: failed.name };
  }
  return { kind: 'survived', by: '' };
}

function stagesOf(mutant, { tests, first = {} }) {
  const nearest = Object.entries(first).find(([end]) => mutant?.file.endsWith(end))?.[1] ?? [];
  const others = tests.filter((file) => !nearest.includes(file));
  return [nearest, others].filter((stage) => stage.length > 0);
}

/** What waits in vain may have waited for a processor: it has to do so twice. */
async function failedTwice(args, mutant, run) {
  const failed = await failedTest(args, mutant, run);
  return failed?.isLate ? await failedTest(args, mutant, run) : failed;
}

/** The first test that fails, and whether it ran out of time; null when all pass. */
async function failedTest(args, mutant, { name, redisUrl, baseMs = Number.POSITIVE_INFINITY }) {
  const folder = join(root, 'node_modules', '.cache', 'reports');
  const report = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  rmSync(report, { force: true });
  const env = { ...process.env, REDIS_URL: redisUrl };
  if (mutant) env[variable] = JSON.stringify(mutant);
  const reporters = ['--reporter=json', `--outputFile.json=${report}`];
  const options = ['--bail=1', '--maxWorkers=1', '--passWithNoTests=false'];
  const limitMs = Math.max(leastLimitMs, patience * baseMs);
  const code = await vitest(['run', ...options, ...reporters, ...args], env, limitMs);
  if (code === 0) return null;
  if (code === null) return { name: 'no end within the limit', isLate: false };
  if (!existsSync(report)) return { name: 'no report', isLate: true };
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const all = testResults.flatMap((file) => file.assertionResults);
  const first = all.find(({ status }) => status === 'failed');
  if (!first) return { name: 'a file that does not load', isLate: false };
  return { name: first.fullName, isLate: first.failureMessages.some((text) => late.test(text)) };
}

/** The exit code; null when it had to be ended. */
function vitest(args, env, limitMs) {
  return new Promise((resolve, reject) => {
    const child = spawn('vitest', args, { cwd: root, env, stdio: 'ignore', detached: true });
    const end = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group is gone already.
      }
    };
    let isEnded = false;
    const timer = Number.isFinite(limitMs)
      ? setTimeout(() => {
          isEnded = true;
          end();
        }, limitMs)
      : undefined;
    process.once('exit', end);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      // A worker may outlive the process that was ended.
      end();
      resolve(isEnded ? null : (code ?? 1));
    });
  });
}
