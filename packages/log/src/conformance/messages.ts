import type { CheckpointCommand, NewItem, Opened } from '../contract/messages.ts';
import type { SessionLog } from '../contract/session-log.ts';
import { type Started, startRun, type Timeless, timeless } from './kit.ts';

export const item = (at: number, version = 1): NewItem & { readonly at: number } => ({
  at,
  key: `k${at}`,
  body: `message ${at} version ${version}`,
});

export const bodies = (first: number, end: number, version = 1): readonly string[] =>
  Array.from({ length: end - first }, (_, at) => item(first + at, version).body);

export const range = (first: number, end: number, version = 1): CheckpointCommand['changes'] =>
  Array.from({ length: end - first }, (_, at) => item(first + at, version));

export const opened = async (
  log: SessionLog,
  session: string,
  limit = 100,
): Promise<Timeless<Opened>> => {
  const found = await log.open(session, { limit });
  if (!found) throw new Error('there is no such session');
  return timeless(found);
};

/** Stores messages up to the log's top, from whatever checkpoint there is. */
export async function store(
  log: SessionLog,
  session: string,
  changes: CheckpointCommand['changes'],
  more: Partial<CheckpointCommand> = {},
): Promise<unknown> {
  const { epoch, checkpoint, top } = await opened(log, session, 1);
  const count = more.count ?? (changes.at(-1)?.at ?? -1) + 1;
  const base = { epoch, from: checkpoint, through: top, count, changes, keep: count, trim: null };
  return await log.checkpoint(session, { ...base, ...more });
}

/** A session with a run that has written one entry. */
export async function started(log: SessionLog): Promise<Started> {
  const run = await startRun(log);
  await run.append(1);
  return run;
}
