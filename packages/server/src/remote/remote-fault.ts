import { HoldfastError } from '@holdfast/protocol';
import { tellUsers } from '../user-text.ts';

/** For users, when what came can not be shown. */
export const unreadable = 'The agent gave no answer that can be shown; the server’s log says why.';

/** The error of a remote agent that answers otherwise than it should; without what it has said. */
export const remoteFault = (
  what: string,
  cure: string,
  forUsers: string,
  cause?: unknown,
): HoldfastError =>
  tellUsers(
    new HoldfastError(
      'internal',
      `unable to read the remote agent: ${what}; ${cure}`,
      cause === undefined ? {} : { cause },
    ),
    forUsers,
  );

/** The error of a remote agent that is away, or went away before its answer was complete. */
export const remoteAway = (what: string, forUsers: string, cause?: unknown): HoldfastError =>
  tellUsers(
    new HoldfastError(
      'unavailable',
      `unable to reach the remote agent: ${what}; see its own log`,
      cause === undefined ? {} : { cause },
    ),
    forUsers,
  );
