// Runs named steps one after the other and adds up what passed and what failed.

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/**
 * With what failed, and what passed only at its second attempt, in words.
 *
 * @typedef {Counts & { failures?: string[], retried?: string[] }} Result
 */
/** @typedef {{ name: string, needs?: string[], run: () => Promise<number | Result> }} Step */

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

  for (const step of steps) {
    const begun = performance.now();
    console.log(`\n▸ ${step.name}`);
    const counts = await attempt(step, failures);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    retried.push(...(counts.retried ?? []));
    if (counts.failed > 0) failures.set(step.name, counts.failures ?? []);
    console.log(`${counts.failed > 0 ? '✘' : '✔'} ${step.name} (${seconds(begun)})`);
  }

  console.log(`\n${steps.length} steps in ${seconds(started)}`);
  if (retried.length > 0) console.log(['Passed only when tried again:', ...retried].join('\n  '));
  for (const [name, which] of failures) console.log([`Failed: ${name}`, ...which].join('\n  '));
  return total;
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
    console.error(message);
    return { passed: 0, failed: 1, skipped: 0, failures: [message] };
  }
}

/** The closing line: `N passed, N failed`, and `, N skipped` if any. */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
