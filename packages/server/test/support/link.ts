import type { Delivery, SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';

/**
 * How a process reaches its log. `frozen`: what it asks waits. `slow`: it is done, and the answer waits.
 * `unsure`: it is done, and the answer is lost. `cut`: it is refused. `dead`: nothing of the process has any
 * effect any more.
 */
type LinkState = 'up' | 'frozen' | 'slow' | 'unsure' | 'cut' | 'dead';

export interface Link {
  readonly log: SessionLog;
  readonly state: LinkState;
  /** How often it has changed. */
  readonly changes: number;
  become(state: LinkState): void;
}

/** A process's own way to a log that it shares with others. */
export function linkTo(log: SessionLog): Link {
  let state: LinkState = 'up';
  let changes = 0;
  let waiting: (() => void)[] = [];
  const never = new Promise<never>(() => {});

  const pass = async (barred: LinkState, held: LinkState | null) => {
    while (state === 'frozen' || state === held)
      await new Promise<void>((resolve) => waiting.push(resolve));
    if (state === 'dead') await never;
    if (state === barred) throw new HoldfastError('unavailable', 'unable to reach the log: cut');
  };
  const hear = (listener: (delivery: Delivery) => void) => (delivery: Delivery) => {
    if (state === 'up' || state === 'unsure') listener(delivery);
    else if (state === 'frozen' || state === 'slow')
      waiting.push(() => {
        if (state !== 'dead') listener(delivery);
      });
  };
  const through =
    (act: (...given: unknown[]) => Promise<unknown>) =>
    async (...given: unknown[]) => {
      await pass('cut', null);
      const answer = await act(...given);
      await pass('unsure', 'slow');
      return answer;
    };
  const own = new Proxy(log, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      if (name === 'subscribe')
        return async (session: string, listener: (delivery: Delivery) => void) => {
          await pass('cut', null);
          return await target.subscribe(session, hear(listener));
        };
      return through(value.bind(target));
    },
  });
  return {
    log: own,
    get state() {
      return state;
    },
    get changes() {
      return changes;
    },
    become: (next) => {
      state = next;
      changes++;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
  };
}
