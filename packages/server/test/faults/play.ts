import { away } from './actor.ts';
import { checkClients, checkPrompts, checkRuns, checkSends } from './checks.ts';
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
  const wrong: string[] = [];
  let state = await stage.state(session);
  // Answers may take their time, as long as they go on.
  for (let before = ''; ; before = JSON.stringify(state)) {
    const isOver = await holdsSoon(async () => {
      state = await stage.state(session);
      const running = state?.runs.filter((run) => run.state === 'running');
      return running?.length === 0 && state?.queue.length === 0;
    });
    if (isOver) break;
    if (JSON.stringify(state) !== before) continue;
    wrong.push(`${session}: runs or sends are left: ${before}`);
    break;
  }
  const entries = await stage.observer.read(session);
  const viewers = stage.viewers.filter((viewer) => viewer.session === session);
  if (entries.length === 0) return { wrong, prompts: 0, entries: 0 };
  const top = entries.at(-1)?.id;
  const fresh = await stage.follow(session);
  const isLevel = (viewer: Viewer) => viewer.shown.position?.id === top;
  if (!(await holdsSoon(async () => [...viewers, fresh].every(isLevel))))
    for (const viewer of [...viewers, fresh].filter((each) => !isLevel(each)))
      wrong.push(`${session}: a client does not come to ${top}: ${viewer.told}`);
  const history = await fresh.shown.messages();
  wrong.push(...(await checkClients(viewers, fresh)));
  wrong.push(...checkSends(stage, session, entries, history));
  wrong.push(...checkRuns(stage, session, entries, met));
  const prompts = await checkPrompts(stage, session, history);
  wrong.push(...prompts.wrong);
  return { wrong, prompts: prompts.checked, entries: entries.length };
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
