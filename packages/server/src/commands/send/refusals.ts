import { HoldfastError } from '@holdfast/protocol';
import { conflict } from '../../conflict.ts';
import { again } from '../commit.ts';
import type { Draft } from './draft.ts';

/** The error for a command id, or the id of its message, that the session has for something else. */
const takenError = (): HoldfastError =>
  conflict(
    'taken',
    'send: the session has another message with this id; give the message a new one',
  );

/** The error for a child whose parent is not live. */
export const endedError = (): HoldfastError =>
  conflict('ended', 'run: the parent run has ended; a child needs one that is live');

/** The error for a send that takes no part in what goes on. */
export const busyError = (): HoldfastError =>
  new HoldfastError(
    'busy',
    'unable to send: an answer is being written; wait for its end or stop it, and send again',
  );

/** The error for a run that nobody asked for with a message, while an operator answers. */
export const heldError = (): HoldfastError =>
  conflict(
    'operator',
    'send: an operator answers in the place of the agents; write a message, or wait',
  );

/** What whoever runs the server is told of an answer that goes on without end. */
export const loopFault = (): HoldfastError =>
  new HoldfastError(
    'limit',
    'unable to go on with an answer: outputs of client tools have made it go on `maxContinuations` times in a row; have the agent end, or raise the option',
  );

const refused: Readonly<Record<NonNullable<Draft['refused']>, () => HoldfastError>> = {
  taken: takenError,
  foreign: () =>
    new HoldfastError(
      'forbidden',
      'unable to send: the message is another author’s; only its author may change it',
    ),
  crowded: () =>
    new HoldfastError(
      'limit',
      'unable to send: too many answers are being written at the same time; wait for one or stop it, and send again',
    ),
  looped: () =>
    new HoldfastError(
      'limit',
      'unable to send: this answer has gone on by itself too often; write a message to go on',
    ),
  unanswered: () =>
    conflict('unanswered', 'send: calls of the message wait for answers; give those first'),
  settled: () => conflict('settled', 'send: the calls were settled before; the session shows how'),
};

/**
 * The meaning to a send of each refusal by the log; a draft that came late is made anew where that helps. What is
 * refused for what the session has is looked at twice: a failover may have taken it between the look and the write,
 * and the refused may be the repetition of just that.
 */
export class Refusals {
  #isSure = false;

  /** True when what is refused next is told. */
  get isSure(): boolean {
    return this.#isSure;
  }

  of(draft: Draft): { readonly stale: () => typeof again; readonly other: () => never } {
    return {
      stale: () => {
        if (draft.refused && this.#isSure) throw refused[draft.refused]();
        this.#isSure = draft.refused !== undefined;
        if (draft.refused || !draft.expect?.seen) return again;
        throw conflict(
          'outdated',
          'send: another message came in between; look at the session and try again',
        );
      },
      other: () => {
        throw takenError();
      },
    };
  }
}
