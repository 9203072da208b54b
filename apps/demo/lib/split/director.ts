import { type Act, actOf, type Beat, type Cue, lastsMs, nextBeat } from './beats.ts';

/** Time, as the play needs it. */
export interface Clock {
  /** Calls once that many ms later; returns what calls it off. */
  readonly after: (ms: number, call: () => void) => () => void;
}

export const realClock: Clock = {
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

export interface Director {
  readonly beat: () => Beat;
  readonly cue: (cue: Cue) => void;
  readonly subscribe: (listener: () => void) => () => void;
  /** Ends its timer. */
  readonly leave: () => void;
}

/** Leads through the beats, and has done what each of them begins with. */
export function createDirector(clock: Clock, perform: (act: Act) => void): Director {
  const listeners = new Set<() => void>();
  let beat: Beat = 'waiting';
  let callOff = (): void => {};
  const cue = (what: Cue): void => {
    const next = nextBeat(beat, what);
    if (next === beat) return;
    beat = next;
    callOff();
    const ms = lastsMs[next];
    callOff = ms === undefined ? () => {} : clock.after(ms, () => cue('due'));
    const act = actOf[next];
    if (act) perform(act);
    for (const listener of listeners) listener();
  };
  return {
    beat: () => beat,
    cue,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    leave: () => callOff(),
  };
}
