type Kind =
  | 'answer'
  | 'expired'
  | 'handoff'
  | 'none'
  | 'noticed'
  | 'order'
  | 'queue'
  | 'run'
  | 'steer'
  | 'step';

/**
 * A name of the server's own among the commands of a session. It begins with a character that no name from
 * outside may hold (HF-HTTP-10), so that no client can take it, whatever it calls its commands.
 */
export const ownCommand = (kind: Kind, ...rest: readonly string[]): string =>
  `\u0001${[kind, ...rest].join(' ')}`;
