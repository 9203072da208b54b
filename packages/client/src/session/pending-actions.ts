import type { OwnSend, SendState, SessionAct, SyncedSession } from '../contract/session.ts';
import { isOver } from './own-send.ts';

/** As many commands are remembered whose runs the user does not want to watch. */
const remembered = 8;

/** The acts of this client in a session. */
export interface PendingActions extends Pick<SyncedSession, 'acts' | 'left'> {
  /** Shows the act until the returned function is called. */
  begin(act: SessionAct): () => void;
  /** Moves the send to another state, where it goes there from its own. */
  move(send: OwnSend, to: SendState): void;
  /** Says that the user does not want to watch the run of the command. */
  leave(command: string): void;
}

export function createPendingActions(notify: () => void): PendingActions {
  const acts = new Set<SessionAct>();
  const left: string[] = [];
  return {
    acts,
    left,
    begin: (act) => {
      acts.add(act);
      notify();
      return () => {
        acts.delete(act);
        notify();
      };
    },
    move: (send, to) => {
      if (!isOver(send.state)) send.state = to;
      notify();
    },
    leave: (command) => {
      left.splice(0, left.push(command) - remembered);
    },
  };
}
