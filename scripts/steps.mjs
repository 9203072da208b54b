// Runs named steps one after the other, some beside others, and adds up what passed and what failed.
import { inOnePiece, print } from './output.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/**
 * With what failed, and what passed only at its second attempt, in words.
 *
 * @typedef {Counts & { failures?: string[], retried?: string[] }} Result
 */
/**
 * `beside` names the step before it during which it may run, since the two share nothing; without that one it runs
 * as any other.
 *
 * @typedef {{ name: string, needs?: string[], beside?: string, run: () => Promise<number | Result> }} Step
 */

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * A step gives an exit code (one check) or the counts of a test run. It fails when it throws, and
 * when a step that it needs has failed. The steps after it still run.
 *
 * @param {Step[]} steps
 * @returns {Promise<Counts>}
 */
export async function runSteps(steps) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failures = new Map();
  const retried = [];
  const started = performance.now();

  const take = async (step) => {
    const begun = performance.now();
    print(`\n▸ ${step.name}\n`);
    const counts = await attempt(step, failures);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    retried.push(...(counts.retried ?? []));
    if (counts.failed > 0) failures.set(step.name, counts.failures ?? []);
    print(`${counts.failed > 0 ? '✘' : '✔'} ${step.name} (${seconds(begun)})\n`);
  };
  const inOrder = async (all) => {
    for (const step of all) await take(step);
  };
  for (const [first, ...others] of groupsOf(steps))
    await Promise.all([take(first), inOnePiece(() => inOrder(others))]);

  console.log(`\n${steps.length} steps in ${seconds(started)}`);
  if (retried.length > 0) console.log(['Passed only when tried again:', ...retried].join('\n  '));
  for (const [name, which] of failures) console.log([`Failed: ${name}`, ...which].join('\n  '));
  return total;
}

/** Each step with those that run beside it, one after the other. */
function groupsOf(steps) {
  const groups = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last && last[0].name === step.beside) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

async function attempt(step, failures) {
  const broken = step.needs?.find((name) => failures.has(name));
  try {
    if (broken) throw new Error(`not run, because "${broken}" failed`);
    const result = await step.run();
    if (typeof result !== 'number') return result;
    return { passed: result === 0 ? 1 : 0, failed: result === 0 ? 0 : 1, skipped: 0 };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    print(`${message}\n`);
    return { passed: 0, failed: 1, skipped: 0, failures: [message] };
  }
}

/** The closing line: `N passed, N failed`, and `, N skipped` if any. */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
