// The benchmark: `npm run bench` from the root, or `node src/main.ts --help`.
import { writeFile } from 'node:fs/promises';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { killChildren } from './ipc.ts';
import { lookAtMachine, type Machine, quietBelow } from './machine.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { budgetsOf } from './report/budgets.ts';
import { Samples, toReport } from './report/rows.ts';
import { budgetsTable, tableOf } from './report/table.ts';
import { runRound } from './rounds.ts';

async function run({ plan, sides, json, check }: Options): Promise<number> {
  const begun = performance.now();
  const elapsedMs = (): number => performance.now() - begun;
  const log = (line: string): void =>
    console.log(`${(elapsedMs() / 1_000).toFixed(0).padStart(4)} s  ${line}`);
  const samples = new Samples();
  const failures: string[] = [];
  const onFailure = (message: string): void => {
    failures.push(message);
    console.error(`failed: ${message}`);
  };

  const redis = await RedisServer.start();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      // Children first: they would complain about a Redis that is gone.
      killChildren();
      void redis[Symbol.asyncDispose]().finally(() => process.exit(130));
    });
  let machine: Machine;
  try {
    machine = await lookAtMachine(redis.url);
    if (machine.busy > quietBelow)
      log(`the machine is ${Math.round(machine.busy * 100)} % busy: expect wide spreads`);
    for (let round = 1; round <= plan.rounds; round++) {
      log(`round ${round} of ${plan.rounds}`);
      await runRound({ plan, sides, redisUrl: redis.url, samples, log, elapsedMs, onFailure });
    }
  } finally {
    await redis[Symbol.asyncDispose]();
  }
  log('done');

  const report = toReport(samples);
  const budgets = budgetsOf(samples);
  console.log(`\n${tableOf(report, sides)}\n\n${budgetsTable(budgets)}\n`);
  if (json)
    await writeFile(json, `${JSON.stringify({ machine, rows: report, budgets }, null, 2)}\n`);
  if (failures.length > 0) console.error(`${failures.length} measurements failed; see above.`);
  const missed = budgets.filter(({ met }) => !met).length;
  return failures.length > 0 || (check && missed > 0) ? 1 : 0;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else process.exitCode = await run(options);
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n\n${usage}` : error);
  process.exitCode = 1;
}
// A connection that lingers must not keep a finished benchmark alive.
process.exit();
