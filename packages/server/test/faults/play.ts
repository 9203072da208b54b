import { origin } from '@holdfast/protocol';
import { away } from './actor.ts';
import { checkClients, checkPrompts, checkRuns, checkSends } from './checks.ts';
import type { Placed } from './observer.ts';
import type { Schedule } from './schedule.ts';
import { Stage, sessions } from './stage.ts';
import type { Viewer } from './viewer.ts';

export interface Outcome {
  /** What should not have happened; empty when all is well. */
  readonly wrong: readonly string[];
  /** How runs ended, and how often. */
  readonly met: ReadonlyMap<string, number>;
  readonly sends: number;
  readonly prompts: number;
  readonly entries: number;
  /** What processes reported meanwhile, for whoever looks into a failure. */
  readonly faults: readonly string[];
}

/** How long nothing may move when all faults are over, with the machine busy. */
const settleMs = 60_000;
const lookMs = 100;

/** Plays a schedule, heals all, and looks at what is there. */
export async function play(schedule: Schedule): Promise<Outcome> {
  const stage = await Stage.open(schedule);
  try {
    const wrong: string[] = [];
    const under: Promise<void>[] = [];
    for (const act of schedule.acts) {
      under.push(stage.perform(act));
      await away(act.after);
    }
    await Promise.all(under);
    const met = new Map<string, number>();
    let [prompts, entries] = [0, 0];
    for (const session of sessions) {
      const seen = await look(stage, session, met);
      wrong.push(...seen.wrong);
      prompts += seen.prompts;
      entries += seen.entries;
    }
    wrong.push(...(await leave(stage)));
    const sends = stage.sent.length;
    const suffered = stage.store.suffered.map(
      ({ fault, from, to }) =>
        `Redis: ${fault} from ${from - stage.begun} to ${to - stage.begun} ms`,
    );
    const faults = [...suffered, ...stage.faults];
    return { wrong, met, sends, prompts, entries, faults };
  } finally {
    await stage.dispose();
  }
}

async function look(stage: Stage, session: string, met: Map<string, number>) {
  const viewers = stage.viewers.filter((viewer) => viewer.session === session);
  const fresh = await stage.follow(session);
  const { entries, left } = await settled(stage, session, [...viewers, fresh]);
  if (entries.length === 0) return { wrong: left, prompts: 0, entries: 0 };
  const history = await fresh.shown.messages();
  const prompts = await checkPrompts(stage, session, history);
  const wrong = [
    ...left,
    ...(await checkClients(viewers, fresh)),
    ...checkSends(stage, session, entries, history),
    ...checkRuns(stage, session, entries, met),
    ...prompts.wrong,
  ];
  return { wrong, prompts: prompts.checked, entries: entries.length };
}

interface Settled {
  readonly entries: readonly Placed[];
  /** What goes on, or is behind, and does not move any more. */
  readonly left: readonly string[];
}

/**
 * Waits until nothing goes on in a session and all show what its log has, as long as it moves: answers may take their
 * time, and a run that a master took with it begins again when its writer reaches the next one.
 */
async function settled(
  stage: Stage,
  session: string,
  viewers: readonly Viewer[],
): Promise<Settled> {
  const look = async () => {
    // The entries first: what is written behind them is known to the state, or to a viewer.
    const entries = await stage.observer.read(session);
    const state = await stage.state(session);
    const top = entries.at(-1)?.id;
    // It may be of later: then its entries are looked at once more.
    const isSame = state !== null && (state.top ?? origin) === (top ?? origin);
    const isIdle =
      isSame && state.queue.length === 0 && state.runs.every((run) => run.state !== 'running');
    const behind =
      top === undefined ? [] : viewers.filter(({ shown }) => shown.position?.id !== top);
    const left = [
      ...(isIdle ? [] : [`${session}: runs or sends are left: ${JSON.stringify(state)}`]),
      ...behind.map(({ told }) => `${session}: a client does not come to ${top}: ${told}`),
    ];
    return { entries, left, moves: JSON.stringify([top, state]) };
  };
  let now = await look();
  for (let before = ''; now.left.length > 0 && now.moves !== before; ) {
    before = now.moves;
    await holdsSoon(async () => {
      now = await look();
      return now.left.length === 0;
    });
  }
  return now;
}

/** Nothing of it is left when all have closed (checker 7). */
async function leave(stage: Stage): Promise<readonly string[]> {
  const wrong = (await stage.close()).map((name) => `${name} did not end when it was closed`);
  for (const fault of stage.faults.filter((text) => / ended by itself: /.test(text)))
    wrong.push(fault);
  await stage.observer.close();
  const left = async () => {
    const channels = (await stage.store.ask(['PUBSUB', 'CHANNELS', '*'])) as string[];
    const clients = String(await stage.store.ask(['CLIENT', 'LIST'])).match(/name=holdfast-\w+/g);
    return [...channels, ...(clients ?? [])];
  };
  if (!(await holdsSoon(async () => (await left()).length === 0)))
    wrong.push(`something is left at Redis: ${(await left()).join()}`);
  return wrong;
}

async function holdsSoon(holds: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + settleMs;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await away(lookMs);
  }
  return true;
}
