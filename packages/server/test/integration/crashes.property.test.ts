import type { Entry, Message } from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
import fc from 'fast-check';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { OnLost } from '../../src/index.ts';
import { isShown, messageOf } from '../../src/session/fold-message.ts';
import { saidBy, textOf } from '../support/talk.ts';
import { type Client, type Process, World } from '../support/world.ts';

/** Numbers choose among what there is at that moment. */
const at = fc.nat(11);
const one = <K extends string>(kind: K) => fc.record({ kind: fc.constant(kind), at });
const acts = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: one('run') },
    { weight: 2, arbitrary: one('send') },
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constant('say' as const), at, words: fc.nat(3) }),
    },
    { weight: 2, arbitrary: one('step') },
    { weight: 2, arbitrary: one('finish') },
    { weight: 2, arbitrary: one('stop') },
    { weight: 2, arbitrary: one('crash') },
    { weight: 2, arbitrary: one('freeze') },
    { weight: 2, arbitrary: one('slow') },
    { weight: 1, arbitrary: one('cut') },
    { weight: 1, arbitrary: one('unsure') },
    { weight: 3, arbitrary: one('resume') },
    { weight: 3, arbitrary: one('lapse') },
    { weight: 2, arbitrary: one('wait') },
    { weight: 2, arbitrary: one('join') },
    { weight: 2, arbitrary: one('move') },
    { weight: 1, arbitrary: one('spawn') },
  ),
  { minLength: 6, maxLength: 28, size: 'max' },
);
const later = (kind: Act['kind'], where: number): Act => ({ kind, at: where }) as Act;
const say: Act = { kind: 'say', at: 0, words: 1 };
/** What chance seldom finds. */
const schedules: [OnLost, Act[]][] = [
  // A process that was taken over hangs when the one that did it is dead.
  ['retry', [later('run', 0), say, later('freeze', 0), later('lapse', 0), later('crash', 1)]],
  // Two find the same run lost, and one of them acts on it late.
  [
    'retry',
    [
      ...[later('run', 0), say, later('spawn', 0), later('join', 2), later('crash', 0)],
      ...[later('wait', 1), later('slow', 0), later('wait', 1), later('resume', 0)],
    ],
  ],
  // An entry comes between a client's being let in and its being answered.
  [
    'retry',
    [
      ...[later('run', 0), later('run', 0), later('crash', 0), later('freeze', 0)],
      ...[later('spawn', 0), later('stop', 3), later('lapse', 0), later('crash', 0)],
      ...[later('freeze', 0), later('finish', 0), later('step', 0), later('move', 0)],
      ...[later('run', 0), later('lapse', 0), { ...say, words: 0 }],
    ],
  ],
  // A gateway misses an entry and hears of the next one.
  ['fail', [later('run', 0), say, later('cut', 1), say, later('resume', 0), say]],
];
type Act = typeof acts extends fc.Arbitrary<(infer A)[]> ? A : never;

/** Not `setImmediate`: by it the test lets everything happen that can. */
const toFake = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'Date',
  'performance',
] as const;
const maxProcesses = 4;
/** More than it takes to try each run as often as it may. */
const maxRounds = 10;
const stepNames = ['charge', 'mail'];

async function act(world: World, step: Act): Promise<void> {
  const choose = <T>(list: readonly T[]): T | undefined => list[step.at % (list.length || 1)];
  const living = world.processes.filter(({ link }) => link.state !== 'dead');
  const process = choose(living) ?? world.spawn();
  const saying = choose(world.sayings.filter(({ by }) => by.link.state !== 'dead'));
  switch (step.kind) {
    case 'run':
      return world.run(process);
    case 'send':
      return world.send(process);
    case 'say':
      for (let left = step.words; left >= 0; left--) saying?.say();
      return;
    case 'step':
      return saying?.step(stepNames[step.at % stepNames.length] ?? '');
    case 'finish':
      return saying?.finish();
    case 'stop': {
      const run = choose(await world.liveRuns());
      if (run !== undefined) world.stop(process, run);
      return;
    }
    case 'crash':
      return process.link.become('dead');
    case 'freeze':
      return process.link.become('frozen');
    case 'slow':
    case 'cut':
    case 'unsure':
      return process.link.become(step.kind);
    case 'resume':
      return choose(living.filter(({ link }) => link.state !== 'up'))?.link.become('up');
    case 'wait':
      return await world.wait((step.at % 3) + 1);
    case 'lapse':
      return await world.lapse();
    case 'join':
      world.join(process);
      return;
    case 'move':
      return choose(world.clients)?.follow(process);
    case 'spawn':
      if (living.length < maxProcesses) world.spawn();
      return;
  }
}

/** What is cut off comes back, who is at it says the rest, and what died is noticed. */
async function end(world: World): Promise<Client> {
  const last: Process = world.spawn();
  for (const { link } of world.processes) if (link.state !== 'dead') link.become('up');
  await world.settle();
  const living = () => world.sayings.filter(({ by }) => by.link.state !== 'dead');
  for (let round = 0; round < maxRounds; round++) {
    // Who was taken over hangs meanwhile, and must not keep the run alive.
    for (const saying of living()) if (!world.isStale(saying)) saying.finish();
    world.return(last);
    await world.lapse();
    if ((await world.liveRuns()).length === 0) break;
  }
  expect(await world.liveRuns()).toEqual([]);
  for (const saying of living()) saying.finish();
  world.return(last);
  await world.lapse();
  const fresh = world.join(last);
  await world.settle();
  return fresh;
}

type Kind<K extends Entry['k']> = Extract<Entry, { k: K }>;

const textIn = (entries: readonly Entry[]): string =>
  entries
    .flatMap((entry) => (entry.k === 'chunks' ? entry.c : []))
    .map(({ type, delta }) => (type === 'text-delta' ? String(delta) : ''))
    .join('');

/** Checks what became of one run, and tells how it ended. */
function checkRun(world: World, run: string, history: readonly Message[]): string {
  const own = world.entries.filter((entry) => 'run' in entry && entry.run === run);
  const starts = own.filter((entry): entry is Kind<'run-start'> => entry.k === 'run-start');
  const ends = own.filter((entry): entry is Kind<'run-end'> => entry.k === 'run-end');
  // It ends once, and nothing follows; each attempt begins once, behind the one before.
  expect(ends).toHaveLength(1);
  expect(own.at(-1)?.k).toBe('run-end');
  expect(starts.map(({ attempt }) => attempt)).toEqual(starts.map((_, index) => index + 1));
  let current = 0;
  for (const entry of own) {
    if (entry.k === 'run-start') current = entry.attempt;
    if (entry.k === 'chunks') expect(entry.attempt).toBe(current);
  }

  // What is shown is what the last attempt said, and no word of another one.
  const { outcome } = ends[0] as Kind<'run-end'>;
  const message = history.find(({ id }) => id === starts[0]?.messageId);
  const text = message ? textOf(message) : '';
  const last = own.filter((entry) => entry.k === 'chunks' && entry.attempt === current);
  expect(text).toBe(textIn(last));
  const tries = world.sayings.filter((saying) => saying.run === run);
  expect(tries.length).toBeLessThanOrEqual(starts.length);
  const saying = tries.find(({ name }) => text.startsWith(name));
  if (text !== '') expect(saying?.said.startsWith(text)).toBe(true);
  if (outcome === 'finished')
    expect(tries.some(({ said, isDone }) => isDone && said === text)).toBe(true);
  // A run is not taken from a process that nothing has happened to.
  if (tries.some(({ by }) => by.link.changes === 0) && starts.length === 1)
    expect(['finished', 'stopped']).toContain(outcome);
  if (tries[0]?.by.link.changes === 0) expect(starts).toHaveLength(1);

  // A step has one result, for every attempt that got one.
  for (const name of stepNames) {
    expect(own.filter((entry) => entry.k === 'step' && entry.name === name).length).toBeLessThan(2);
    const given = tries.flatMap((each) => each.given.get(name) ?? []);
    expect(new Set(given).size).toBeLessThan(2);
  }
  for (const { shown } of world.clients) {
    const state = shown.projection.run(run)?.state;
    if (state !== undefined) expect(state).toBe(outcome);
  }
  return `${outcome} in attempt ${current}`;
}

/** What an agent was given is what clients showed at its run's start; for a later attempt, what was asked up to there. */
async function checkPrompts(world: World): Promise<number> {
  let checked = 0;
  for (const [run, tries] of Map.groupBy(world.sayings, (saying) => saying.run)) {
    const start = world.entries.findIndex((entry) => entry.k === 'run-start' && entry.run === run);
    const projection = new SessionProjection();
    for (const entry of world.entries.slice(0, start + 1)) projection.apply(entry);
    const messages = (await Promise.all([...projection.items].map(messageOf))).filter(isShown);
    const shown = messages.map((message) => saidBy(message as never));
    const attempts = world.entries.filter((entry) => entry.k === 'run-start' && entry.run === run);
    for (const { prompt, by } of tries) {
      // Who hears of its own send late may find others' answers grown, and stored.
      if (attempts.length === 1 && by.link.changes === 0) expect(prompt).toEqual(shown);
      else expect(prompt.filter(isAsked)).toEqual(shown.filter(isAsked));
      checked++;
    }
  }
  return checked;
}

/** Whether it is a participant's: what other runs say is said anew when they are taken over too. */
const isAsked = (said: string): boolean => /^m\d+: /.test(said);

it('HF-RUN-3, HF-RUN-16, HF-RUN-17, HF-SUB-5, HF-ENT-5, HF-POS-6: whatever crashes, is cut off and taken over, all clients show one history, in which what each run said is whole or a marked beginning', async () => {
  const met = new Set<string>();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('retry', 'fail'), acts, async (onLost, steps) => {
      // What is left of the processes before ends with their clock.
      vi.useFakeTimers({ toFake: [...toFake] });
      const world = new World(onLost);
      await world.begin();
      world.join(world.spawn());
      world.join(world.spawn());
      for (const step of steps) {
        await act(world, step);
        await world.settle();
        const refuge = world.processes.find(({ link }) => link.state === 'up');
        if (refuge) world.return(refuge);
      }
      const fresh = await end(world);
      const history = await fresh.shown.messages();
      for (const { shown } of world.clients) {
        expect(shown.breaks).toEqual([]);
        expect(await shown.messages()).toEqual(history);
        for (const mode of shown.modes.slice(1)) met.add(`came back by ${mode}`);
      }
      const ids = history.map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining(world.taken));
      expect(world.repeated).toEqual([]);
      if ((await checkPrompts(world)) > 0) met.add('prompts');
      const runs = world.entries.flatMap((entry) => (entry.k === 'run-start' ? [entry.run] : []));
      for (const run of new Set(runs)) met.add(checkRun(world, run, history));
    }),
    { numRuns: 1_000, examples: schedules },
  );
  // All of it was met.
  expect([...met]).toEqual(
    expect.arrayContaining([
      'prompts',
      'came back by replay',
      'came back by snapshot',
      'finished in attempt 1',
      'finished in attempt 2',
      'lost in attempt 1',
    ]),
  );
}, 120_000);
