import type { SendState } from '../contract/session.ts';

/** Whether nothing becomes of a send any more: the server has it, or the user took it back. */
export const isOver = (state: SendState): boolean => state === 'taken' || state === 'withdrawn';

/** The state behind a move. What is over stays so. */
export const moved = (state: SendState, to: SendState): SendState => (isOver(state) ? state : to);
