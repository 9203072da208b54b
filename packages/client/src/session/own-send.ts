import type { SendState } from '../contract/session.ts';

/** Whether nothing becomes of a send any more: the server has it, or the user took it back. */
export const isOver = (state: SendState): boolean => state === 'taken' || state === 'withdrawn';
