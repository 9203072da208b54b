import { expect, it } from 'vitest';
import { play } from './play.ts';
import { processFaults, redisFaults, type Schedule, scheduleOf, told } from './schedule.ts';

/** Short ones that have every fault together. `npm run test:faults` plays as many others as one likes. */
const seeds = [218, 271];

const faultsOf = ({ acts }: Schedule) =>
  acts.flatMap((act) => ('fault' in act ? [`${act.kind} ${act.fault}`] : []));

it('a seed is always the same schedule, and those that are played here have every fault', () => {
  expect(scheduleOf(271)).toEqual(scheduleOf(271));
  expect(scheduleOf(271).acts.map(told)).not.toEqual(scheduleOf(218).acts.map(told));
  const met = new Set(seeds.flatMap((seed) => faultsOf(scheduleOf(seed))));
  const all = [
    ...processFaults.map((fault) => `process ${fault}`),
    ...redisFaults.map((fault) => `redis ${fault}`),
  ];
  expect([...met].sort()).toEqual(all.sort());
});

it('F1, F3, F4, F5, F7, F8, F11, F14, F25: whatever happens to processes, networks and Redis, nothing is lost, doubled, reordered or wrongly prompted', async () => {
  const outcomes = await Promise.all(seeds.map((seed) => play(scheduleOf(seed))));
  for (const [at, { wrong, faults }] of outcomes.entries())
    expect(wrong, `seed ${seeds[at]}; reported: ${[...new Set(faults)].join('\n')}`).toEqual([]);
  expect(outcomes.reduce((sum, { prompts }) => sum + prompts, 0)).toBeGreaterThan(0);
}, 240_000);
