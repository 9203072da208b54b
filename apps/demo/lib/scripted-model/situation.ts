import type { LanguageModel } from 'ai';

export type Model = Extract<LanguageModel, { specificationVersion: 'v4' }>;
export type Call = Parameters<Model['doStream']>[0];

/** A user message, and what the tools that were called for it have answered. */
export interface Turn {
  readonly prompt: string;
  /** The names of the files that came with it. */
  readonly files: readonly string[];
  readonly results: readonly unknown[];
  /** What was answered to it so far. */
  readonly said: string;
  /** Whether all that its tools have answered is told, so that what follows is no addition to it. */
  readonly isOver: boolean;
}

/** What the model is given. */
export interface Situation {
  readonly system: string;
  /** Oldest first; at least one. */
  readonly turns: readonly Turn[];
}

export function situationOf({ prompt }: Pick<Call, 'prompt'>): Situation {
  const system = prompt.find((message) => message.role === 'system')?.content ?? '';
  const turns: (Turn & { results: unknown[]; said: string; isOver: boolean })[] = [];
  for (const message of prompt) {
    const turn = turns.at(-1);
    if (message.role === 'user')
      turns.push({
        prompt: textOf(message.content),
        files: message.content.flatMap((part) =>
          part.type === 'file' ? [part.filename ?? part.mediaType] : [],
        ),
        results: [],
        said: '',
        isOver: true,
      });
    else if (turn && message.role === 'assistant') {
      turn.said += textOf(message.content);
      turn.isOver = true;
    } else if (turn && message.role === 'tool') {
      const results = message.content.filter((part) => part.type === 'tool-result');
      turn.results.push(...results.map(({ output }) => resultOf(output)));
      // A call that was stopped or denied is not told of: the conversation went on without.
      turn.isOver = results.some(({ output }) => isRefused(output));
    }
  }
  return {
    system,
    turns:
      turns.length > 0 ? turns : [{ prompt: '', files: [], results: [], said: '', isOver: true }],
  };
}

interface Output {
  readonly type: string;
  readonly value?: unknown;
  readonly reason?: string | undefined;
}

const isRefused = ({ type }: Output): boolean =>
  type === 'execution-denied' || type.startsWith('error');

/** What a tool gave, or why it gave nothing. */
const resultOf = ({ type, value, reason }: Output): unknown => {
  if (type === 'execution-denied') return { denied: reason ?? 'no reason given' };
  return type.startsWith('error') ? { error: value } : value;
};

const textOf = (content: readonly { readonly type: string }[]): string =>
  content
    .filter(({ type }) => type === 'text')
    .map((part) => ('text' in part && typeof part.text === 'string' ? part.text : ''))
    .join(' ');
