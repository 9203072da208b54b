import type { Writer } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { MaybePromise } from './maybe-promise.ts';

/** A message that came, or was completed, or was changed by an answer. */
export interface MessageEvent<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Session of the message. */
  readonly sessionId: string;
  /** The same at every repetition of this event, and of no other. */
  readonly key: string;
  /** As it is now; put it in the place of the one with its id, or at the end. */
  readonly message: UI_MESSAGE;
  /** The writer, as the server established it; absent for what the session began with. */
  readonly by?: Writer;
}

/** All messages behind one are gone, because an earlier one was edited or answered again. */
export interface TruncateEvent {
  /** Session of the messages. */
  readonly sessionId: string;
  /** Key of the event, as in {@link MessageEvent}. */
  readonly key: string;
  /**
   * The last message that stays, and that `onMessage` was told of by now: an answer comes when it ends, also where that
   * is behind the cut. Null when there is none.
   */
  readonly after: string | null;
}

/**
 * Functions that keep a store of your own up to date. Called in the order of the log, one after another, at
 * least once each, in any process that has hooks; one that rejects is called again later, and what
 * comes behind it waits. An answer comes when it ends: where two runs are live at once, behind messages that stand
 * behind it in the session. Configure them in every process that runs agents.
 */
export interface Hooks {
  /**
   * Called with each message that came, was completed or changed. What waits for it is bounded by the session. On
   * `close()` it is given 5 s; one that takes longer is called again elsewhere.
   */
  onMessage?(event: MessageEvent): MaybePromise<void>;
  /** Called when messages are gone, in its turn among those of `onMessage`, and on `close()` as that is. */
  onTruncate?(event: TruncateEvent): MaybePromise<void>;
}
