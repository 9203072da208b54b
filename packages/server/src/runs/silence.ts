import type { Environment } from '../environment.ts';

/** How long an agent that is waited for has said nothing. */
export interface Silence {
  /** It is waited for from now on. */
  listen(): void;
  /** It has said something, or others are waited for. */
  heard(): void;
  /** Nobody waits any more. */
  over(): void;
}

/** A timer that is so late, in ms, is none of the agent's fault: the process stood still, and what came is read first. */
const lateMs = 1_000;
/** The longest timer, in ms. */
const longestMs = 86_400_000;

const nobody: Silence = { listen: () => {}, heard: () => {}, over: () => {} };

/** Calls `onSilent` once when the agent has said nothing for that long; one timer for a run, not one for each chunk. */
export function watchSilence(
  { now, after }: Pick<Environment, 'now' | 'after'>,
  mostMs: number | null,
  onSilent: () => void,
): Silence {
  if (mostMs === null) return nobody;
  let since: number | null = null;
  let cancel = () => {};
  const lookIn = (ms: number): void => {
    const wait = Math.min(ms, longestMs);
    const due = now() + wait;
    cancel = after(wait, () => look(due));
  };
  const look = (due: number): void => {
    const at = now();
    if (since !== null && at - due > lateMs) since = at;
    const left = since === null ? mostMs : since + mostMs - at;
    if (left > 0) lookIn(left);
    else onSilent();
  };
  lookIn(mostMs);
  return {
    listen: () => {
      since = now();
    },
    heard: () => {
      since = null;
    },
    over: () => cancel(),
  };
}
