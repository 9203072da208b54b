import { parseArgs } from 'node:util';

export const usage = `npm run load -- [options]
  --sessions N     sessions that are used at once (50)
  --clients M      clients of each: one sends, the others follow (3)
  --gateways G     processes that serve routes and sockets, over one Redis (1)
  --processes P    processes that clients run in (2)
  --per-second R   words that each agent writes in a second (20)
  --words W        words of each answer (200)
  --seconds S      how long messages are sent; answers under way are waited for (30)
  --gathered       words are gathered for 20 ms, by gatherMs
  --churn C        clients of which a connection is cut, or which are loaded anew, in a second (0)
  --seed X         of the churn (a new one each time, printed)
  --help`;

export interface Options {
  readonly sessions: number;
  readonly clients: number;
  readonly gateways: number;
  readonly processes: number;
  readonly perSecond: number;
  readonly words: number;
  readonly seconds: number;
  readonly gathered: boolean;
  readonly churn: number;
  readonly seed: number;
}

/** Null where help is asked for. Throws a `TypeError` for what it does not know. */
export function parseOptions(args: readonly string[]): Options | null {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({
    // npm and pnpm hand on the `--` that ends their own options, depending on their versions.
    args: args.filter((arg) => arg !== '--'),
    options: {
      sessions: number,
      clients: number,
      gateways: number,
      processes: number,
      'per-second': number,
      words: number,
      seconds: number,
      gathered: { type: 'boolean', default: false },
      churn: number,
      seed: number,
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const read = (
    name: Exclude<keyof typeof values, 'help' | 'gathered'>,
    fallback: number,
    least = 1,
  ) => {
    const value = values[name] === undefined ? fallback : Number(values[name]);
    if (!Number.isInteger(value) || value < least)
      throw new TypeError(`--${name} has to be a whole number from ${least} on`);
    return value;
  };
  return {
    sessions: read('sessions', 50),
    clients: read('clients', 3),
    gateways: read('gateways', 1),
    processes: read('processes', 2),
    perSecond: read('per-second', 20),
    words: read('words', 200),
    seconds: read('seconds', 30),
    gathered: values.gathered,
    churn: read('churn', 0, 0),
    seed: read('seed', Math.floor(Math.random() * 1e9), 0),
  };
}
