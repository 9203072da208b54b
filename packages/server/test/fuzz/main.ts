// `npm run fuzz -- --minutes 10 --seed 1`: strangers at every door, many at once, for that long.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { visits } from './cases.ts';
import { openDoors, type State } from './doors.ts';
import { payHttp2, visit2 } from './http2.ts';
import { pay } from './pay.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
  },
});
const minutes = Number(values.minutes);
const firstSeed = Number(values.seed);
const atOnce = 24;
const batch = 240;
/** As long as any bound of the server. */
const goneMs = 40_000;

const say = (text: string) => process.stdout.write(`${text}\n`);
const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`;

let doors = await openDoors();
const totals = { visits: 0, exits: 0, hangs: 0 };
const outcomes = new Map<string, number>();

async function attempt(act: () => Promise<string>, what: unknown, seed: number): Promise<void> {
  try {
    const outcome = await act();
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  } catch (error) {
    if (doors.exit === null) totals.hangs++;
    say(`seed ${seed}: ${error}\n  ${JSON.stringify(what).slice(0, 2_000)}`);
  }
  totals.visits++;
}

async function round(seed: number): Promise<void> {
  const work: (() => Promise<void>)[] = [
    ...visits(seed, batch).map((each) => () => attempt(() => pay(doors, each), each, seed)),
    ...fc
      .sample(visit2, { seed, numRuns: batch / 12 })
      .map((each) => () => attempt(() => payHttp2(doors, each), each, seed)),
  ];
  const worker = async () => {
    for (let next = work.pop(); next && doors.exit === null; next = work.pop()) await next();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (doors.exit === null) return;
  totals.exits++;
  doors = await openDoors();
}

/** Waits until the server has no socket left, or all of its bounds are over. */
async function emptied(): Promise<State> {
  const until = Date.now() + goneMs;
  for (;;) {
    const state = await doors.state();
    if (state.sockets === 0 || Date.now() > until) return state;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

say(`fuzzing for ${minutes} min, seed ${firstSeed}`);
await round(firstSeed);
const warm = await emptied();
const until = Date.now() + minutes * 60_000;
let told = Date.now();
for (let seed = firstSeed + 1; Date.now() < until; seed++) {
  await round(seed);
  if (Date.now() - told < 30_000) continue;
  told = Date.now();
  const { heapBytes, sockets } = await doors.state();
  say(
    `seed ${seed}: ${totals.visits} visits, ${totals.exits} exits, ${totals.hangs} hangs, ${sockets} sockets, heap ${megabytes(heapBytes)}`,
  );
}
const end = await emptied();
doors.close();

for (const [outcome, count] of [...outcomes].sort(([, a], [, b]) => b - a).slice(0, 40))
  say(`${String(count).padStart(8)}  ${outcome}`);
if (end.sockets > 0) say(`sockets left: ${JSON.stringify(end.open)}`);
for (const [fault, count] of end.faults) say(`reported ${count} times: ${fault}`);
say(
  `${totals.visits} visits: ${totals.exits} exits, ${totals.hangs} hangs, ${end.sockets} sockets left, heap ${megabytes(warm.heapBytes)} -> ${megabytes(end.heapBytes)}`,
);
process.exitCode = totals.exits + totals.hangs + end.sockets === 0 ? 0 : 1;
