import fc from 'fast-check';

/** What becomes of a process. `drain`: it is told to end, as at a deployment. */
export const processFaults = ['kill', 'drain', 'pause', 'cut', 'refuse', 'hole'] as const;
export type ProcessFault = (typeof processFaults)[number];

/** What becomes of Redis. `fail over`: without what came while its replica was cut off. */
export const redisFaults = [
  'kill',
  'pause',
  'refuse',
  'hole',
  'deafen',
  'block',
  'fail over',
] as const;
export type RedisFault = (typeof redisFaults)[number];

/** One thing that happens. Numbers choose among what there is; `after` is how long the next one waits, in ms. */
export type Act = { readonly after: number } & (
  | {
      readonly kind: 'send';
      readonly session: number;
      readonly by: number;
      readonly busy: 'queue' | 'parallel';
      /** How many words its answer has, and ms between them. */
      readonly words: number;
      readonly paceMs: number;
      /** At two routes at once, as a double click behind a slow network comes. */
      readonly twice: boolean;
    }
  | { readonly kind: 'stop'; readonly session: number; readonly by: number }
  | {
      readonly kind: 'process';
      readonly fault: ProcessFault;
      readonly who: number;
      readonly ms: number;
    }
  | { readonly kind: 'clients'; readonly who: number; readonly ms: number }
  | { readonly kind: 'redis'; readonly fault: RedisFault; readonly ms: number }
);

/** Who executes runs: the routes themselves, or workers that BullMQ gives them to. */
export type Mode = 'routes' | 'workers';

export interface Schedule {
  readonly seed: number;
  readonly mode: Mode;
  readonly onLost: 'retry' | 'fail';
  /** At the limits that Holdfast comes with, and with Redis away for up to a minute. */
  readonly isLong: boolean;
  /** For how long processes gather words. */
  readonly gatherMs: number;
  readonly acts: readonly Act[];
}

const longMs = 60_000;
const shortMs = 4_000;
/** One schedule in so many is long. */
const longEvery = 25;
/** In one of so many, words are gathered. */
const gatherEvery = 3;

const actOf = (isLong: boolean): fc.Arbitrary<Act> => {
  const after = fc.integer({ min: 0, max: 400 });
  const who = fc.nat(11);
  const session = fc.nat(2);
  const ms = fc.integer({ min: 50, max: shortMs });
  const awayMs = fc.integer(isLong ? { min: 16_000, max: longMs } : { min: 50, max: shortMs });
  const sends = fc.record({
    kind: fc.constant('send' as const),
    after,
    session,
    by: who,
    busy: fc.constantFrom('queue' as const, 'parallel' as const),
    words: fc.integer({ min: 5, max: isLong ? 2_000 : 150 }),
    paceMs: fc.integer({ min: 0, max: 30 }),
    twice: fc.boolean(),
  });
  const stops = fc.record({ kind: fc.constant('stop' as const), after, session, by: who });
  const processes = fc.record({
    kind: fc.constant('process' as const),
    after,
    fault: fc.constantFrom(...processFaults),
    who,
    ms,
  });
  const clients = fc.record({ kind: fc.constant('clients' as const), after, who, ms });
  const redis = fc.record({
    kind: fc.constant('redis' as const),
    after,
    fault: fc.constantFrom(...redisFaults),
    ms: awayMs,
  });
  return fc.oneof(
    { weight: 6, arbitrary: sends },
    { weight: 1, arbitrary: stops },
    { weight: isLong ? 1 : 3, arbitrary: processes },
    { weight: 1, arbitrary: clients },
    { weight: 2, arbitrary: redis },
  );
};

/** The schedule of a seed, always the same. */
export function scheduleOf(seed: number): Schedule {
  const isLong = seed % longEvery === longEvery - 1;
  const schedule = fc.record({
    mode: fc.constantFrom<Mode>('routes', 'routes', 'workers'),
    onLost: fc.constantFrom('retry' as const, 'fail' as const),
    acts: fc.array(actOf(isLong), {
      minLength: isLong ? 8 : 12,
      maxLength: isLong ? 16 : 30,
      size: 'max',
    }),
  });
  const [drawn] = fc.sample(schedule, { seed, numRuns: 1 });
  if (!drawn) throw new Error('nothing was drawn');
  return { seed, isLong, gatherMs: seed % gatherEvery === 0 ? 20 : 0, ...drawn };
}

export function told(act: Act): string {
  const { kind, after: _, ...rest } = act;
  const words = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return `${kind}: ${words.join(', ')}`;
}
