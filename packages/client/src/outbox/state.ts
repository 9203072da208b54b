/** `waiting`: others are before it. `sending`: it is being posted, and repeated until it is answered. */
export type Phase = 'waiting' | 'sending';

/** Sends of one session that the server has not taken yet, oldest first: only the first is sent. */
export type OutboxState = readonly { readonly command: string; readonly phase: Phase }[];

export type OutboxEvent =
  | { readonly type: 'added' | 'withdrawn'; readonly command: string }
  /** The server has taken it, or refused it, or nobody wants it to be repeated any more. */
  | { readonly type: 'settled'; readonly command: string };

export type OutboxEffect =
  | { readonly type: 'post'; readonly command: string }
  | { readonly type: 'drop'; readonly command: string };

export interface OutboxStep {
  readonly state: OutboxState;
  readonly effects: readonly OutboxEffect[];
}

/** Pure. A command that is there is not added again, and one that is not there changes nothing. */
export function outboxStep(state: OutboxState, { type, command }: OutboxEvent): OutboxStep {
  const known = state.find((item) => item.command === command);
  if (type === 'added') {
    if (known) return { state, effects: [] };
    return turn([...state, { command, phase: 'waiting' }], []);
  }
  if (!known) return { state, effects: [] };
  const rest = state.filter((item) => item !== known);
  if (type === 'settled') return turn(rest, []);
  return turn(rest, [{ type: 'drop', command }]);
}

/** It is the first one's turn. */
function turn(state: OutboxState, effects: readonly OutboxEffect[]): OutboxStep {
  const [first, ...rest] = state;
  if (first?.phase !== 'waiting') return { state, effects };
  const { command } = first;
  return {
    state: [{ command, phase: 'sending' }, ...rest],
    effects: [...effects, { type: 'post', command }],
  };
}
