import type { Chunk, RunInfo, Steer, SteerEntry } from './entries.ts';

/** Kinds of chunks that say that a message has reached the model: the SDK's own, and ours for `ai` 6. */
const consuming: readonly string[] = ['steering-message', 'data-steering'];

/** True for the type of a chunk, or of a part, that stands for a message that reached the model. */
export const isSteering = (type: string): boolean => consuming.includes(type);

/** Tells the messages that reached the model, as the chunks say. */
export const reachedBy =
  (chunks: readonly Chunk[]) =>
  ({ id }: { readonly id: string }): boolean =>
    chunks.some((chunk) => chunk.id === id && isSteering(chunk.type));

/** The run with a message that is on its way to it; a repetition changes nothing. */
export function withSteer(run: RunInfo, { message, by }: SteerEntry): RunInfo {
  const { steers = [] } = run;
  const { id } = message;
  if (run.state !== 'running' || steers.some((steer) => steer.id === id)) return run;
  return { ...run, steers: [...steers, { id, message, by, state: 'waiting' }] };
}

/** The run as its next chunks leave it: a message that shows up in them has reached the model. */
export function withConsumed(run: RunInfo, chunks: readonly Chunk[]): RunInfo {
  const isReached = reachedBy(chunks);
  return run.steers?.some(isReached) ? settled(run, 'consumed', isReached) : run;
}

/**
 * The run as another attempt begins it, with the messages that were sent to it: what the earlier one was
 * given is for this one too, unless it stands in what is kept.
 */
export function restarted(
  run: RunInfo,
  known: RunInfo | undefined,
  kept: readonly Chunk[],
): RunInfo {
  if (!known?.steers) return run;
  const isReached = reachedBy(kept);
  return settled({ ...run, steers: known.steers }, 'waiting', (steer) => !isReached(steer));
}

/** The run as its end leaves it: what has not reached the model until then never will. */
export const withOutcome = (run: RunInfo, state: RunInfo['state'], reason?: string): RunInfo =>
  settled({ ...run, state, reason }, 'unconsumed', ({ state: was }) => was === 'waiting');

const settled = (
  run: RunInfo,
  state: Steer['state'],
  applies: (steer: Steer) => boolean,
): RunInfo =>
  run.steers
    ? { ...run, steers: run.steers.map((each) => (applies(each) ? { ...each, state } : each)) }
    : run;
