// `npm run test:faults -- --seeds 200 --seed 1 --at-once 2`: random schedules of faults, each of a seed.
import { parseArgs } from 'node:util';
import { type Outcome, play } from './play.ts';
import { scheduleOf, told } from './schedule.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    'at-once': { type: 'string', default: '2' },
    trace: { type: 'boolean', default: false },
  },
});
const [count, first, atOnce] = [values.seeds, values.seed, values['at-once']].map(Number) as [
  number,
  number,
  number,
];

const say = (text: string) => process.stdout.write(`${text}\n`);
const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(0)} s`;
const totals = { sends: 0, prompts: 0, entries: 0 };
const met = new Map<string, number>();
const failed: number[] = [];
const begun = performance.now();

async function one(seed: number): Promise<void> {
  const schedule = scheduleOf(seed);
  const since = performance.now();
  const outcome: Outcome | Error = await play(schedule).catch((error: Error) => error);
  const { mode, onLost, isLong, gatherMs, acts } = schedule;
  const kind = `${mode}, ${onLost}${isLong ? ', long' : ''}${gatherMs > 0 ? ', gathered' : ''}`;
  const isWell = !(outcome instanceof Error) && outcome.wrong.length === 0;
  if (!(outcome instanceof Error)) {
    totals.sends += outcome.sends;
    totals.prompts += outcome.prompts;
    totals.entries += outcome.entries;
    for (const [how, often] of outcome.met) met.set(how, (met.get(how) ?? 0) + often);
  }
  say(`${isWell ? '✔' : '✘'} seed ${seed} (${kind}; ${acts.length} acts) in ${seconds(since)}`);
  if (isWell && !values.trace) return;
  if (!isWell) failed.push(seed);
  const wrong = outcome instanceof Error ? [outcome.stack ?? outcome.message] : outcome.wrong;
  for (const text of wrong) say(`    ${text.slice(0, 2_000)}`);
  for (const act of acts) say(`      ${told(act)}; then ${act.after} ms`);
  if (outcome instanceof Error) return;
  for (const text of new Set(outcome.faults)) say(`      reported: ${text.slice(0, 300)}`);
}

// What was started ends with this process, also where it is stopped.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(1));

say(`${count} schedules from seed ${first}, ${atOnce} at once`);
let next = first;
const worker = async () => {
  while (next < first + count) await one(next++);
};
await Promise.all(Array.from({ length: atOnce }, worker));

for (const [how, often] of [...met].sort(([, a], [, b]) => b - a))
  say(`${String(often).padStart(7)}  ${how}`);
say(
  `${count} schedules in ${seconds(begun)}: ${totals.sends} sends, ${totals.entries} entries, ${totals.prompts} prompts; ${failed.length} failed${failed.length > 0 ? `: seeds ${failed.join(', ')}` : ''}`,
);
process.exit(failed.length === 0 ? 0 : 1);
