import { defaultLimits, type Entry, type Message } from '@holdfast/protocol';
import { textOf } from '../support/talk.ts';
import type { Placed } from './observer.ts';
import type { Sent, Stage } from './stage.ts';
import type { Viewer } from './viewer.ts';

type Kind<K extends Entry['k']> = Extract<Entry, { k: K }>;

/** Agents hold on for that long while Redis is away (docs/guarantees.md). */
const { retryForMs } = defaultLimits;
/** Behind an outage all are back after that long (decision 068), in ms. */
const backMs = 7_000;
/** A reply may be under way for that long when a failover takes what it acknowledges, in ms. */
const replyMs = 6_000;

const only = <K extends Entry['k']>(placed: readonly Placed[], kind: K): readonly Kind<K>[] =>
  placed.flatMap(({ entry }) => (entry.k === kind ? [entry as Kind<K>] : []));

/** Whether what was acknowledged may be gone: it was written to a master that died with it. */
const mayBeLost = (stage: Stage, { begun, answered }: Sent): boolean =>
  stage.store.lost.some(
    ({ from, to }) => begun <= to + replyMs && (answered?.at ?? Number.POSITIVE_INFINITY) >= from,
  );

/** What all clients of a session show, against what the log says (checkers 1 and 2). */
export async function checkClients(
  viewers: readonly Viewer[],
  fresh: Viewer,
): Promise<readonly string[]> {
  const history = JSON.stringify(await fresh.shown.messages());
  const wrong: string[] = [];
  for (const [at, { session, shown }] of viewers.entries()) {
    for (const broken of shown.breaks)
      wrong.push(`${session}: client ${at} has no chain: ${broken}`);
    if (JSON.stringify(await shown.messages()) !== history)
      wrong.push(`${session}: client ${at} does not show what the log has`);
  }
  return wrong;
}

/** Each message is there once, and each that was taken (checker 3). */
export function checkSends(
  stage: Stage,
  session: string,
  entries: readonly Placed[],
  history: readonly Message[],
): readonly string[] {
  const wrong: string[] = [];
  const ids = history.map(({ id }) => id);
  for (const id of new Set(ids))
    if (ids.filter((each) => each === id).length > 1)
      wrong.push(`${session}: ${id} is there twice`);
  const begun = new Set(only(entries, 'run-start').map(({ command }) => command));
  for (const sent of stage.sent.filter((each) => each.session === session)) {
    if (sent.refused) wrong.push(`${session}: ${sent.id} was refused: ${sent.refused}`);
    if (!sent.answered || mayBeLost(stage, sent)) continue;
    if (!ids.includes(sent.id)) wrong.push(`${session}: ${sent.id} was taken, and is gone`);
    else if (!begun.has(sent.answered.command))
      wrong.push(`${session}: ${sent.id} was taken, and no run of it ever began`);
  }
  return wrong;
}

/** Of each run: its attempts, its words and its end (checkers 4, 5 and 6). */
export function checkRuns(
  stage: Stage,
  session: string,
  entries: readonly Placed[],
  met: Map<string, number>,
): readonly string[] {
  const wrong: string[] = [];
  const runs = new Set(only(entries, 'run-start').map(({ run }) => run));
  const commands = only(entries, 'run-start').filter(({ attempt }) => attempt === 1);
  for (const { command } of commands)
    if (commands.filter((each) => each.command === command).length > 1)
      wrong.push(`${session}: two runs began for ${command}`);
  for (const run of runs) {
    const say = (text: string) => wrong.push(`${session}: run ${run} ${text}`);
    const own = entries
      .map(({ entry }) => entry)
      .filter((entry) => 'run' in entry && entry.run === run);
    let current = 0;
    let ended = 0;
    for (const entry of own) {
      if (ended > 0 && (entry.k === 'chunks' || entry.k === 'run-start'))
        say(`has ${entry.k} behind its end`);
      if (entry.k === 'run-start') {
        // One that nobody sees was taken by a process that died before it had written its start.
        if (entry.attempt <= current) say(`has attempt ${entry.attempt} behind ${current}`);
        current = entry.attempt;
      }
      if (entry.k === 'chunks' && entry.attempt !== current)
        say(`has words of attempt ${entry.attempt} in attempt ${current}`);
      if (entry.k === 'run-end') ended++;
    }
    const [end, another] = own.filter((entry): entry is Kind<'run-end'> => entry.k === 'run-end');
    if (!end || another) {
      say(end ? 'has two ends' : 'has no end');
      continue;
    }
    const { outcome } = end;
    checkWords(stage, { run, own, current, outcome }, say);
    const isWell = outcome === 'finished' || outcome === 'stopped';
    // Counted and not wrong: its writer is gone with the end that it wrote, and nobody writes it again.
    const isTaken = !isWell && stage.observer.hasMetEnd(session, run);
    if (!isWell && !isTaken && isUntouched(stage, run) && longestAway(stage) < retryForMs)
      say(`is ${outcome} at ${end.at - stage.begun} ms, though nothing happened to its process`);
    const key = isTaken
      ? 'ended, and the end lost with a master'
      : `${outcome} in attempt ${current}`;
    met.set(key, (met.get(key) ?? 0) + 1);
  }
  return wrong;
}

interface Ended {
  readonly run: string;
  readonly own: readonly Entry[];
  /** Its last attempt. */
  readonly current: number;
  readonly outcome: string;
}

function checkWords(
  stage: Stage,
  { run, own, current, outcome }: Ended,
  say: (text: string) => void,
): void {
  const tries = stage.prompts.filter((prompt) => prompt.run === run);
  for (let attempt = 1; attempt <= current; attempt++) {
    const text = own
      .flatMap((entry) => (entry.k === 'chunks' && entry.attempt === attempt ? entry.c : []))
      .map(({ type, delta }) => (type === 'text-delta' ? String(delta) : ''))
      .join('');
    const isWhole = text.endsWith(';');
    if (attempt === current && outcome === 'finished' && !isWhole)
      say(`is finished, and says only ${text.length} characters: …${text.slice(-40)}`);
    if (text === '') continue;
    const [name = '', counted = ''] = (isWhole ? text.slice(0, -1) : text).split(':');
    if (!tries.some((each) => each.name === name)) say(`says what no agent of it said: ${name}`);
    const numbers = counted.trim() === '' ? [] : counted.trim().split(' ');
    const hole = numbers.findIndex((number, at) => number !== String(at));
    if (hole >= 0) say(`says ${numbers[hole]} in the place of ${hole}`);
  }
}

/** For how long Redis was away at the most, in ms: faults in a row leave no time to come back in. */
function longestAway({ store: { suffered } }: Stage): number {
  let longest = 0;
  let [begun, over] = [0, 0];
  for (const { from, to } of suffered.toSorted((a, b) => a.from - b.from)) {
    if (from - over > backMs) begun = from;
    over = Math.max(over, to);
    longest = Math.max(longest, over - begun);
  }
  return longest;
}

/** Whether nothing ever happened to the processes that executed it: to any that could have, where none asked its agent. */
function isUntouched(stage: Stage, run: string): boolean {
  const prompts = stage.prompts.filter((prompt) => prompt.run === run);
  const role = stage.schedule.mode === 'workers' ? 'worker' : 'route';
  const all = stage.actors.filter((actor) => actor.role === role).flatMap(({ lives }) => lives);
  const lives = prompts.length > 0 ? prompts.map(({ by }) => by) : all;
  return lives.every(({ isTouched }) => !isTouched);
}

/** What each agent was given is what clients showed when its run began (the eighth checker). */
export async function checkPrompts(
  stage: Stage,
  session: string,
  history: readonly Message[],
): Promise<{ readonly wrong: readonly string[]; readonly checked: number }> {
  const wrong: string[] = [];
  let checked = 0;
  const final = new Map(history.map((message) => [message.id, textOf(message)]));
  // Words that went with a master are written again by their writer, unless that is gone too; an agent keeps them.
  const isTaken = (name: string) =>
    stage.store.lost.length > 0 &&
    stage.prompts.some((prompt) => prompt.name === name && prompt.by.isTouched);
  for (const prompt of stage.prompts.filter((each) => each.session === session)) {
    const starts = stage.observer.startsOf(session, prompt.run);
    const isFirst = starts.every(({ entry }) => entry.k === 'run-start' && entry.attempt === 1);
    const reasons: string[] = [];
    for (const { id } of starts) {
      const then = await stage.observer.shownAt(session, id);
      const reason = then
        ? differs(prompt.given, then, isFirst ? { final, isTaken } : null)
        : 'unseen';
      reasons.push(reason ?? '');
    }
    if (reasons.every((reason) => reason === 'unseen')) continue;
    checked++;
    if (!reasons.includes(''))
      wrong.push(`${session}: run ${prompt.run} was given what nobody was shown: ${reasons[0]}`);
  }
  return { wrong, checked };
}

interface Became {
  /** The texts of the messages in the end. */
  readonly final: ReadonlyMap<string, string>;
  /** True for an attempt whose last words may be gone for good, by what they begin with. */
  readonly isTaken: (attempt: string) => boolean;
}

/** `became` is null where only what people asked counts, as for a later attempt. */
function differs(
  given: readonly string[],
  { said, growing }: { readonly said: readonly string[]; readonly growing: ReadonlySet<string> },
  became: Became | null,
): string | null {
  if (!became) {
    const asked = (list: readonly string[]) => list.filter((text) => /^m\d+: /.test(text)).join();
    return asked(given) === asked(said) ? null : `${asked(given)} in the place of ${asked(said)}`;
  }
  const idOf = (text: string) => text.slice(0, text.indexOf(': '));
  const attemptOf = (words: string) => words.split(':')[0] ?? '';
  const wordsOf = (text: string) => text.slice(text.indexOf(': ') + 2);
  // What others were writing may have grown until the agent was called, also from nothing.
  const settled = (list: readonly string[]) => list.filter((text) => !growing.has(idOf(text)));
  if (settled(given).join() !== settled(said).join())
    return `${JSON.stringify(settled(given))} in the place of ${JSON.stringify(settled(said))}`;
  for (const text of said.filter((each) => growing.has(idOf(each)))) {
    const now = given.find((each) => idOf(each) === idOf(text));
    const end = became.final.get(idOf(text));
    if (now === undefined) return `nothing of ${idOf(text)}`;
    // Another attempt has taken its place.
    if (attemptOf(wordsOf(now)) !== attemptOf(wordsOf(text))) continue;
    if (!wordsOf(now).startsWith(wordsOf(text))) return `${now} in the place of ${text}`;
    if (attemptOf(wordsOf(now)) !== attemptOf(end ?? '')) continue;
    if (end === undefined || end.startsWith(wordsOf(now))) continue;
    if (!wordsOf(now).startsWith(end) || !became.isTaken(attemptOf(wordsOf(now))))
      return `${now}, of which ${end} became`;
  }
  return null;
}
