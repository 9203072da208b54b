import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Plan, plans } from './plan.ts';
import { parseSides } from './runners.ts';
import type { Side } from './sides.ts';

export const usage = `npm run bench -- [options]
  --quick         fewer sides and rows, fewer and shorter repetitions: about a minute
  --gate          compares the rows that a processor decides with docs/benchmarks/ratios.json,
                  and exits with 1 when one of them lost more than the noise of this run
  --accept        with --gate: writes what was measured into that file
  --json FILE     also write the numbers to FILE
  --profile DIR   also write a CPU profile of each server (of the last round) into DIR, for Chrome's
                  DevTools or any reader of .cpuprofile
  --publish       also write numbers and charts to docs/benchmarks/, and medians to the README
  --check         exit with 1 when a budget is missed
  --sides A,B     only these sides
  --rounds N      so many rounds, each with new processes (5; 1 with --quick)
  --help`;

export interface Options {
  readonly plan: Plan;
  readonly sides: readonly Side[];
  readonly gate: 'none' | 'compare' | 'accept';
  readonly json: string | null;
  readonly profiles: string | null;
  readonly publish: boolean;
  readonly check: boolean;
  readonly help: boolean;
}

/** Throws a `TypeError` for what it does not know. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    // npm and pnpm hand on the `--` that ends their own options, depending on their versions.
    args: args.filter((arg) => arg !== '--'),
    options: {
      quick: { type: 'boolean', default: false },
      tiny: { type: 'boolean', default: false },
      gate: { type: 'boolean', default: false },
      accept: { type: 'boolean', default: false },
      json: { type: 'string' },
      profile: { type: 'string' },
      publish: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      sides: { type: 'string', default: '' },
      rounds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, tiny, gate, accept, json, profile, publish, check, help } = values;
  if (accept && !gate) throw new TypeError('--accept goes with --gate');
  if (publish && (gate || tiny)) throw new TypeError('--publish goes with a whole run or --quick');
  // A package script runs in the package's folder; paths are meant from where it was asked for.
  const from = process.env.INIT_CWD ?? process.cwd();
  const planned = plans[tiny ? 'tiny' : gate ? 'gate' : quick ? 'quick' : 'full'];
  const rounds = values.rounds === undefined ? planned.rounds : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new TypeError('--rounds has to be a whole number from 1 on');
  const plan = { ...planned, rounds };
  const named = parseSides(values.sides.split(',').filter(Boolean));
  return {
    plan,
    sides: named.length > 0 ? named : plan.sides,
    gate: accept ? 'accept' : gate ? 'compare' : 'none',
    json: json === undefined ? null : resolve(from, json),
    profiles: profile === undefined ? null : resolve(from, profile),
    publish,
    check,
    help,
  };
}
