import { type CancelState, HoldfastError } from '@holdfast/protocol';
import { createChanges } from '../changes.ts';
import type { CancelTarget } from '../contract/commands.ts';
import type { Environment } from '../environment.ts';
import { mayPass } from '../errors.ts';
import { createTimers } from '../timers.ts';
import type { Connection, ConnectionUser } from './connection.ts';

interface Pending {
  readonly s: string;
  readonly target: CancelTarget;
  /** The request on the present socket; null when it was not said there yet. */
  r: number | null;
  state?: CancelState;
  error?: Error;
}

/**
 * The cancels that no answer came for. They outlive streams and sockets: each is said again on every
 * new socket until it is answered.
 */
export interface Cancels extends ConnectionUser {
  /** Resolves once the log has it; asking twice is asking once. */
  request(session: string, target: CancelTarget): Promise<CancelState>;
}

const retryMs = 1_000;

export function createCancels(connection: Connection, environment: Environment): Cancels {
  const timers = createTimers<'again'>(environment);
  const { notify, until } = createChanges();
  const all = new Map<string, Pending>();

  function say(pending: Pending): void {
    const { s, target } = pending;
    const r = connection.nextRequest();
    if (pending.r === null && connection.send({ t: 'cancel', r, s, ...target })) pending.r = r;
  }

  const sayAll = (): void => all.forEach(say);

  return {
    request: async (s, target) => {
      const key = JSON.stringify([s, target]);
      const pending: Pending = all.get(key) ?? { s, target, r: null };
      all.set(key, pending);
      const unwant = connection.want();
      say(pending);
      try {
        return await until(() => {
          if (pending.error) throw pending.error;
          return pending.state;
        });
      } finally {
        unwant();
      }
    },
    greet: sayAll,
    lost: () => {
      timers.clear();
      for (const pending of all.values()) pending.r = null;
    },
    receive: (frame) => {
      if (frame.t !== 'res') return;
      for (const [key, pending] of all) {
        if (pending.r !== frame.r) continue;
        const { err, ok } = frame;
        if (err && mayPass(err.code)) {
          pending.r = null;
          timers.set('again', err.retryMs ?? retryMs, sayAll);
          return;
        }
        all.delete(key);
        if (err) pending.error = new HoldfastError(err.code, err.message);
        else pending.state = ok?.state ?? 'stopping';
        notify();
      }
    },
    refuse: (error) => {
      timers.clear();
      for (const pending of all.values()) pending.error = error;
      all.clear();
      notify();
    },
  };
}
