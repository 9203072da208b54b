import type { Chunk, RunInfo } from '@holdfast/protocol';
import { abortError } from '../abort.ts';
import { unable } from '../errors.ts';
import type { Content } from './reader.ts';

export const isChunk = (value: unknown): value is Chunk =>
  typeof (value as Chunk | null)?.type === 'string';

export const isLive = (run: RunInfo): boolean => run.state === 'running';

/** How a stream of these runs ends: nothing for a normal end, else its error. */
export function endOf(runs: readonly RunInfo[], content: Content): Error | undefined {
  const state = runs.at(-1)?.state;
  if (state === 'stopped') return abortError();
  const saysSo = (): boolean => content.some(({ type }) => type === 'error');
  // An agent says in a chunk that it failed; one that died, however often it was tried, cannot.
  return state === 'lost' || (state === 'failed' && !saysSo())
    ? unable('unavailable', 'go on: the agent was lost; ask again')
    : undefined;
}
