'use client';

import type { Author } from '@holdfast/client';

interface Props {
  /** Who answers in the place of the agents. */
  readonly operator: Author | null;
  readonly name: string;
  /** The id of who reads it. */
  readonly reader: string;
  readonly chat: string;
  /** Whether this page is an operator's. */
  readonly isOperator: boolean;
  readonly onHandOff: (to: 'me' | 'agents') => void;
}

/** Who answers when an agent has handed over, and nobody has come yet. */
const anybody = 'operators';

function stateOf(operator: Author | null, name: string, reader: string): string {
  if (!operator) return 'The assistant answers.';
  if (operator.id === anybody) return 'The assistant has asked for a person, who will come.';
  if (operator.id === reader) return 'You answer now. The assistant is paused.';
  return `${name} answers now. The assistant is paused.`;
}

/** Says who answers; operators change it here. */
export function Handoff({ operator, name, reader, chat, isOperator, onHandOff }: Props) {
  if (!operator && !isOperator) return null;
  const isTaken = operator !== null && operator.id !== anybody;
  return (
    <div
      data-testid="handoff"
      data-operator={operator?.id ?? ''}
      className="flex items-center gap-3 rounded-xl border bg-card px-3.5 py-2 text-sm"
    >
      <p className="min-w-0 flex-1">{stateOf(operator, name, reader)}</p>
      {!isOperator && !isTaken && (
        <a
          href={`/operator/${chat}`}
          target="_blank"
          rel="noopener"
          className="rounded-lg border px-3 py-1.5 font-medium"
        >
          Be that person
        </a>
      )}
      {isOperator && (
        <button
          type="button"
          onClick={() => onHandOff(isTaken ? 'agents' : 'me')}
          className="rounded-lg border px-3 py-1.5 font-medium"
        >
          {isTaken ? 'Hand back' : 'Take over'}
        </button>
      )}
    </div>
  );
}
