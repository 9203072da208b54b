import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Plan, plans } from './plan.ts';
import { parseSides } from './runners.ts';
import type { Side } from './sides.ts';

export const usage = `npm run bench -- [options]
  --quick         fewer sides and rows, fewer and shorter repetitions: about a minute
  --json FILE     also write the numbers to FILE
  --check         exit with 1 when a budget is missed
  --sides A,B     only these sides
  --help`;

export interface Options {
  readonly plan: Plan;
  readonly sides: readonly Side[];
  readonly json: string | null;
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
      json: { type: 'string' },
      check: { type: 'boolean', default: false },
      sides: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, tiny, json, check, help } = values;
  // A package script runs in the package's folder; paths are meant from where it was asked for.
  const from = process.env.INIT_CWD ?? process.cwd();
  const plan = plans[tiny ? 'tiny' : quick ? 'quick' : 'full'];
  const named = parseSides(values.sides.split(',').filter(Boolean));
  return {
    plan,
    sides: named.length > 0 ? named : plan.sides,
    json: json === undefined ? null : resolve(from, json),
    check,
    help,
  };
}
