import type { Step } from './step.ts';

/** The same steps with what they write in one line: a table as its rows, and of all else the first sentence. */
export const inOneLine = (steps: readonly Step[]): Step[] =>
  steps.map((step) => (step.do === 'write' ? { do: 'write', text: shortened(step.text) } : step));

function shortened(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const rows = lines.filter((line) => /^\|.*\|$/.test(line)).slice(2);
  const prose = lines.find((line) => !/^[|#>`*]/.test(line)) ?? '';
  const sentence = /^.*?[.!?](?=\s|$)/.exec(prose)?.[0] ?? prose;
  if (rows.length === 0) return sentence;
  const cells = rows.map((row) => row.split('|').at(-2)?.trim() ?? '');
  return `${sentence.replace(/ at the moment:$/, '')}: ${cells.join(', ')}.`;
}
