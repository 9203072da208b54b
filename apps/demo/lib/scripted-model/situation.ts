import type { LanguageModel } from 'ai';
import type { Situation } from './script.ts';

export type Model = Extract<LanguageModel, { specificationVersion: 'v4' }>;
export type Call = Parameters<Model['doStream']>[0];

/** The last user message, and the results of the tools that were called for it. */
export function situationOf({ prompt }: Pick<Call, 'prompt'>): Situation {
  const asked = prompt.findLastIndex((message) => message.role === 'user');
  const question = prompt[asked];
  const results = prompt
    .slice(asked + 1)
    .flatMap((message) => (message.role === 'tool' ? message.content : []))
    .flatMap((part) => (part.type === 'tool-result' ? [resultOf(part.output)] : []));
  const system = prompt.find((message) => message.role === 'system')?.content ?? '';
  return { prompt: question?.role === 'user' ? textOf(question.content) : '', system, results };
}

/** What a tool gave, or why it gave nothing. */
const resultOf = (output: {
  readonly type: string;
  readonly value?: unknown;
  readonly reason?: string | undefined;
}): unknown => {
  if (output.type === 'execution-denied') return { denied: output.reason ?? 'no reason given' };
  return output.type.startsWith('error') ? { error: output.value } : output.value;
};

const textOf = (content: readonly { readonly type: string }[]): string =>
  content
    .map((part) => ('text' in part && typeof part.text === 'string' ? part.text : ''))
    .join(' ');
