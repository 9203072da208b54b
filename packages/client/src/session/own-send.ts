import type { SendState, SessionAct } from '../contract/session.ts';

/** Whether nothing becomes of a send any more: the server has it, or the user took it back. */
export const isOver = (state: SendState): boolean => state === 'taken' || state === 'withdrawn';

/** Whether an act is under way: a send that was refused for who asks waits for somebody else to ask. */
export const isUnderWay = ({ state }: SessionAct): boolean => typeof state !== 'object';
