import { type CancelState, type ClientFrame, HoldfastError } from '@holdfast/protocol';
import { createChanges } from '../changes.ts';
import type { CancelTarget } from '../contract/commands.ts';
import type { Environment } from '../environment.ts';
import { mayPass } from '../errors.ts';
import { createTimers } from '../timers.ts';
import type { Connection, ConnectionUser } from './connection.ts';

interface Pending {
  /** What is said, on each socket under the same number. */
  readonly frame: Extract<ClientFrame, { readonly t: 'cancel' }>;
  state?: CancelState | undefined;
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

  function sayAll(): void {
    for (const { frame } of all.values()) connection.send(frame);
  }

  return {
    request: async (s, target) => {
      const key = JSON.stringify([s, target]);
      const frame = { t: 'cancel', r: connection.nextRequest(), s, ...target } as const;
      const pending: Pending = all.get(key) ?? { frame };
      all.set(key, pending);
      const unwant = connection.want();
      connection.send(pending.frame);
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
    lost: timers.clear,
    receive: (frame) => {
      if (frame.t !== 'res') return;
      for (const [key, pending] of all) {
        if (pending.frame.r !== frame.r) continue;
        const { err, ok } = frame;
        if (err && mayPass(err.code)) {
          timers.set('again', err.retryMs ?? retryMs, sayAll);
          return;
        }
        all.delete(key);
        if (err) pending.error = new HoldfastError(err.code, err.message);
        else pending.state = ok?.state;
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
