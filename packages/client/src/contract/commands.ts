import type { Outcome, RunInfo } from '@holdfast/protocol';
import type { FileUIPart, TextUIPart } from 'ai';

/** The target of a stop. */
export type CancelTarget =
  /** A run by its id. */
  | { readonly run: string }
  /** The run that a send asks for, by the command of that; it may still be to come. */
  | { readonly command: string };

/** A message for a run: its text, or its parts. */
export type SteerMessage =
  | string
  | {
      /** Makes it safe to repeat; without it, another one each time. */
      readonly id?: string;
      /** As of a user's message: text and files. Over `entryBytes` it is refused as `too_large`. */
      readonly parts: readonly (TextUIPart | FileUIPart)[];
    };

/**
 * The outcome of a message for a run. `consumed`: the model was given it. `unconsumed`: the run ended before that, as
 * `reason` says. `ended`: there was no such live run, and nothing was written. With `otherwise: 'queue'`
 * the last two are `queued` instead: it is asked as a message of its own, unless it is taken out of the
 * queue first (`withdrawn`).
 */
export interface SteerOutcome {
  /** The outcome, as said above. */
  readonly state: 'consumed' | 'unconsumed' | 'ended' | 'queued' | 'withdrawn';
  /** Absent when there was none. */
  readonly run?: string | undefined;
  /** How the run ended. */
  readonly reason?: Outcome | undefined;
}

/** Which run is meant, and what happens where the message does not reach it. */
export interface SteerOptions {
  /**
   * Id of the run.
   * @default the newest that is live
   */
  readonly run?: string;
  /**
   * Makes the message wait for its turn when it does not reach the model of a run.
   * @default it does not: the outcome says `unconsumed` or `ended`
   */
  readonly otherwise?: 'queue';
}

/**
 * The outcome of a message that may wait: its run has begun, it has its place in the queue, it is there
 * without a run because an operator answers, or it was taken back before the server had it.
 */
export interface Enqueued {
  /**
   * `queued`: it waits for its turn. `posted`: the session has it, and an operator answers. `withdrawn`: it
   * was taken back before the server had it. Else the state of its run.
   */
  readonly state: 'queued' | 'posted' | 'withdrawn' | RunInfo['state'];
  /** The command under which its run starts; what the queue names it by. */
  readonly command: string;
}

/** The outcome of a message for people: the session has it, or it was taken back before. */
export interface Posted {
  /** `posted`: the session has it. `withdrawn`: it was taken back before the server had it. */
  readonly state: 'posted' | 'withdrawn';
}

/** The addressee of a message, where the server has several agents. */
export interface Addressed {
  /** Name of the agent; without it, the server chooses. */
  readonly to?: string;
}

/** Another order of the queue; ids are those of the queue. */
export interface Arrangement {
  /** Ids of the sends that are to come first, in this order; the others stay behind them as they were. */
  readonly order?: readonly string[];
  /** Taken out for good. */
  readonly remove?: readonly string[];
}

/** A tool call, and who wants to execute it. */
export interface CallClaim {
  /** Id of the message with the call. */
  readonly messageId: string;
  /** Id of the call. */
  readonly toolCallId: string;
  /** Any text that nobody else uses, of 1 to 256 characters. */
  readonly holder: string;
  /** Gives the claim up, so that another client may execute the call at once. @default false */
  readonly release?: boolean;
}
