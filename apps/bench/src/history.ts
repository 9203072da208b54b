import type { UIMessage } from 'ai';
import { textOf } from './tokens.ts';

const question = textOf(8);
/** Answers of 1 to 2 kB. */
const shortest = 150;
const variety = 130;

/**
 * An old conversation: questions and answers by turns. Its end is the same however long it is, so that
 * the newest page of a long one weighs what that of a short one does.
 */
export function historyOf(count: number): UIMessage[] {
  return Array.from({ length: count }, (_, place) => {
    const fromEnd = count - 1 - place;
    const isAnswer = fromEnd % 2 === 0;
    const text = isAnswer ? textOf(shortest + ((fromEnd * 37) % variety)) : question;
    return {
      id: `old-${String(place).padStart(6, '0')}`,
      role: isAnswer ? 'assistant' : 'user',
      parts: [isAnswer ? { type: 'text', text, state: 'done' } : { type: 'text', text }],
    };
  });
}
