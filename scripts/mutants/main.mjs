// Puts a seeded sample of small faults into the sources, one at a time, and sees whether a test fails.
//
//   npm run test:mutants
//   npm run test:mutants -- --module server/run --seed 2 --count 50 --jobs 1
//
// Exits with 1 when a module's tests see fewer than 90 % of those that can be seen.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { RedisServer } from '../../packages/testkit/src/redis-harness.ts';
import { modules } from './modules.mjs';
import { candidatesOf, reasonOf, sampleOf } from './sample.mjs';
import { tryMutant } from './try-mutant.mjs';

const wantedShare = 0.9;

const { values } = parseArgs({
  options: {
    module: { type: 'string', multiple: true, default: Object.keys(modules) },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '30' },
    jobs: { type: 'string', default: String(Math.min(availableParallelism(), 4)) },
  },
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

const totals = [];
for (const name of values.module) totals.push(await checkModule(name));
console.log(`\nseed ${values.seed}`);
for (const { name, killed, total, equivalent, isEnough } of totals) {
  const share = `${((100 * killed) / total).toFixed(0)} %`;
  const left = equivalent > 0 ? `, ${equivalent} equivalent` : '';
  console.log(`${isEnough ? '✔' : '✘'} ${name}: ${killed}/${total} killed (${share}${left})`);
}
process.exitCode = totals.every(({ isEnough }) => isEnough) ? 0 : 1;

async function checkModule(name) {
  const module = modules[name];
  if (!module)
    throw new Error(`unable to mutate "${name}"; there are: ${Object.keys(modules).join(', ')}`);
  const candidates = candidatesOf(module);
  const sample = sampleOf(candidates, values.seed, Number(values.count));
  console.log(`\n▸ ${name}: ${sample.length} of ${candidates.length} mutants`);
  // Tests that fail anyway would kill every mutant.
  const begun = performance.now();
  const base = await judge(null, module, 'mutant');
  const baseMs = performance.now() - begun;
  if (base.kind === 'killed')
    throw new Error(`unable to judge: without a mutant "${base.by}" fails`);

  const tried = sample.filter((mutant) => reasonOf(mutant) === undefined);
  const survivors = await tryAll(tried, module, baseMs);
  for (const { file, number, before, after } of survivors)
    console.log(`\n  ${file}:${number}\n  - ${before}\n  + ${after}`);
  const total = tried.length;
  const killed = total - survivors.length;
  const isEnough = killed >= wantedShare * total;
  return { name, killed, total, equivalent: sample.length - total, isEnough };
}

/** In a Redis of its own: a script that a mutant keeps from ending would fail whatever is tried behind it. */
async function judge(mutant, module, name, baseMs) {
  await using redis = await RedisServer.start();
  return await tryMutant(mutant, module, { name, redisUrl: redis.url, baseMs });
}

async function tryAll(mutants, module, baseMs) {
  const left = mutants.entries();
  const survivors = [];
  let done = 0;
  const work = async (job) => {
    // All jobs draw from the one iterator.
    for (const [, mutant] of left) {
      const begun = performance.now();
      const { kind, by } = await judge(mutant, module, `mutant-${job}`, baseMs);
      if (kind === 'survived') survivors.push(mutant);
      const seconds = ((performance.now() - begun) / 1000).toFixed(0);
      const place = `${mutant.file}:${mutant.number} ${mutant.operator}`;
      const verdict = kind === 'killed' ? `killed by "${by}"` : 'SURVIVED';
      console.log(`  ${++done}/${mutants.length} ${place}: ${verdict} (${seconds} s)`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, (_, job) => work(job)));
  return survivors;
}
