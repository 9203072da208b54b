// The benchmark: `npm run bench` from the root, or `node src/main.ts --help`.
import { writeFile } from 'node:fs/promises';
import { killChildren } from './ipc.ts';
import { lookAtMachine, type Machine, quietBelow } from './machine.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { budgetsOf } from './report/budgets.ts';
import { readRatios, writeRatios } from './report/files.ts';
import { gateOf, ratiosOf, strayRows } from './report/gate.ts';
import { publish } from './report/publish.ts';
import { Samples, toReport } from './report/rows.ts';
import { budgetsTable, gateTable, tableOf } from './report/table.ts';
import { runRound } from './rounds.ts';
import { startStores } from './stores.ts';

interface Measured {
  readonly machine: Machine;
  readonly samples: Samples;
  /** Measurements that failed. */
  readonly failures: number;
}

async function measure({ plan, sides, profiles }: Options): Promise<Measured> {
  const begun = performance.now();
  const elapsedMs = (): number => performance.now() - begun;
  const log = (line: string): void =>
    console.log(`${(elapsedMs() / 1_000).toFixed(0).padStart(4)} s  ${line}`);
  const samples = new Samples();
  let failures = 0;
  const onFailure = (message: string): void => {
    failures++;
    console.error(`failed: ${message}`);
  };

  const stores = await startStores(sides);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      // Children first: they would complain about a Redis that is gone.
      killChildren();
      void Promise.resolve(stores[Symbol.asyncDispose]()).finally(() => process.exit(130));
    });
  try {
    const machine = await lookAtMachine(stores.url);
    if (machine.busy > quietBelow)
      log(`the machine is ${Math.round(machine.busy * 100)} % busy: expect wide spreads`);
    for (let round = 1; round <= plan.rounds; round++) {
      log(`round ${round} of ${plan.rounds}`);
      await runRound({ plan, sides, stores, profiles, samples, log, elapsedMs, onFailure });
    }
    log('done');
    return { machine, samples, failures };
  } finally {
    await stores[Symbol.asyncDispose]();
  }
}

/** Whether all is as it was asked for. */
async function report(options: Options, { machine, samples, failures }: Measured) {
  const rows = toReport(samples);
  const budgets = budgetsOf(samples);
  console.log(`\n${tableOf(rows, options.sides)}\n\n${budgetsTable(budgets)}\n`);
  const numbers = { machine, rounds: options.plan.rounds, rows, budgets };
  if (options.json) await writeFile(options.json, `${JSON.stringify(numbers, null, 2)}\n`);
  if (options.publish) await publish(numbers);
  if (failures > 0) console.error(`${failures} measurements failed; see above.`);
  const isMissed = options.check && budgets.some(({ met }) => !met);
  return failures === 0 && !isMissed;
}

/** Whether nothing was lost against what is committed. */
async function compare({ gate }: Options, { samples, failures }: Measured): Promise<boolean> {
  const committed = gate === 'accept' ? {} : await readRatios();
  const verdicts = gateOf(samples, committed);
  console.log(`\n${gateTable(verdicts)}\n`);
  if (failures > 0) return false;
  if (gate === 'accept') {
    await writeRatios(ratiosOf(verdicts));
    return true;
  }
  const stray = strayRows(verdicts, committed);
  if (stray.length > 0)
    console.error(`not both committed and measured: ${stray.join(', ')}; run it with --accept`);
  return stray.length === 0 && verdicts.every(({ holds }) => holds);
}

async function run(options: Options): Promise<boolean> {
  const measured = await measure(options);
  return options.gate === 'none' ? report(options, measured) : compare(options, measured);
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else process.exitCode = (await run(options)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n\n${usage}` : error);
  process.exitCode = 1;
}
// A connection that lingers must not keep a finished benchmark alive.
process.exit();
