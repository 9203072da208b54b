import { continuing } from '../way-on.ts';
import type { Turn } from './situation.ts';
import type { Step } from './step.ts';
import { wordsOf } from './words.ts';

const isContinuing = ({ prompt }: Turn): boolean => prompt.trim() === continuing;

/** What is left of an answer that was stopped, where that is asked for; null where it is not. */
export function continued(
  turns: readonly Turn[],
  answerTo: (turn: Turn) => readonly Step[] | null,
): Step[] | null {
  const last = turns.at(-1);
  if (!last || !isContinuing(last)) return null;
  const at = turns.findLastIndex((turn) => !isContinuing(turn));
  const question = turns[at];
  const whole = question ? (answerTo(question) ?? []) : [];
  const written = turns.slice(at).map(({ said }) => said);
  const words = wordsOf(whole.map((step) => (step.do === 'write' ? step.text : '')).join(''));
  const left = words.slice(wordsOf(written.join(' ')).length).join('');
  return [{ do: 'write', text: left || 'That was all of it.' }];
}
