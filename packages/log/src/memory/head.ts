import type { Head, LiveRun } from '../contract/entries.ts';
import type { KnownRun } from '../contract/runs.ts';
import type { LiveRunState, SessionState } from './state.ts';

/** The state of a session that exists. */
export function headStep(state: SessionState, now: number): Head {
  const { epoch, top, floor, bytes, checkpoint } = state;
  const runs = [...state.runs].map(([name, run]) => liveRunOf(name, run, now));
  return { epoch, top, floor, bytes, checkpoint, runs };
}

export function runStep(state: SessionState, name: string, now: number): KnownRun | null {
  const live = state.runs.get(name);
  if (live) return { state: 'running', epoch: state.epoch, ...liveRunOf(name, live, now) };
  const ended = state.ended.get(name);
  if (!ended) return null;
  const { outcome, epoch, cancelled } = ended;
  return { state: outcome, epoch, run: name, cancelled };
}

const liveRunOf = (
  run: string,
  { attempt, info, kept, cancelled, leaseUntil }: LiveRunState,
  now: number,
): LiveRun => ({
  run,
  attempt,
  info,
  kept,
  leased: leaseUntil > now,
  leftMs: Math.max(0, Math.ceil(leaseUntil - now)),
  cancelled,
});
