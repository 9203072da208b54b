import { type CancelState, HoldfastError } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';
import { mayPass } from '../errors.ts';
import { createTimers } from '../timers.ts';
import type { Connection, ConnectionUser } from './connection.ts';

/** A run, or the command that asked for it. */
export type CancelTarget = { readonly run: string } | { readonly command: string };

interface Pending {
  /** The request on the present socket; null when it was not said there yet. */
  r: number | null;
  readonly say: () => void;
  readonly answer: Promise<CancelState>;
  readonly resolve: (state: CancelState) => void;
  readonly reject: (error: unknown) => void;
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
  const timers = createTimers<string>(environment);
  const all = new Map<string, Pending>();

  function begin(key: string, s: string, target: CancelTarget): Pending {
    const unwant = connection.want();
    let settle: Pick<Pending, 'resolve' | 'reject'> | undefined;
    const answer = new Promise<CancelState>((resolve, reject) => {
      settle = { resolve, reject };
    }).finally(unwant);
    const pending: Pending = {
      r: null,
      say: () => {
        const r = connection.nextRequest();
        if (pending.r === null && connection.send({ t: 'cancel', r, s, ...target })) pending.r = r;
      },
      answer,
      ...(settle as unknown as Pick<Pending, 'resolve' | 'reject'>),
    };
    all.set(key, pending);
    pending.say();
    return pending;
  }

  return {
    request: (session, target) => {
      const key = JSON.stringify([session, target]);
      return (all.get(key) ?? begin(key, session, target)).answer;
    },
    greet: () => {
      for (const { say } of all.values()) say();
    },
    lost: () => {
      timers.clear();
      for (const pending of all.values()) pending.r = null;
    },
    receive: (frame) => {
      if (frame.t !== 'res') return;
      for (const [key, pending] of all) {
        if (pending.r !== frame.r) continue;
        const { err } = frame;
        if (err && mayPass(err.code)) {
          pending.r = null;
          timers.set(key, err.retryMs ?? retryMs, pending.say);
          return;
        }
        all.delete(key);
        if (err) pending.reject(new HoldfastError(err.code, err.message));
        else pending.resolve(frame.ok?.state ?? 'stopping');
      }
    },
    refuse: (error) => {
      timers.clear();
      for (const { reject } of all.values()) reject(error);
      all.clear();
    },
  };
}
