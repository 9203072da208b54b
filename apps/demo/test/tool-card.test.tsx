import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { ToolCard } from '../components/tool-card.tsx';

type Part = Parameters<typeof ToolCard>[0]['part'];

const call = { type: 'tool-survey', toolCallId: '1', input: {} } as const;
const failed = (errorText: string): Part => ({ ...call, state: 'output-error', errorText });
const denied = (approval: object): Part =>
  ({ ...call, state: 'output-denied', approval: { id: 'a', ...approval } }) as never;

const shown = (part: Part, live = false): string =>
  renderToStaticMarkup(<ToolCard part={part} live={live} onDecide={() => {}} />);

describe('a call that nobody failed at', () => {
  test.each([
    ['a stop ended', failed('The call was stopped.'), 'was stopped'],
    [
      'the next message left behind',
      failed('Not answered before the conversation went on.'),
      'was left unanswered',
    ],
    ['nobody decided on before the next message', denied({}), 'was left undecided'],
  ])('which %s is not shown as failed or forbidden', (_, part, words) => {
    const html = shown(part);
    expect(html).toContain(words);
    expect(html).not.toMatch(/danger|failed|not allowed/);
  });
});

test('a call that failed is shown as such, and so is one that somebody denied', () => {
  expect(shown(failed('The harbour is closed.'))).toMatch(/danger.*failed/);
  expect(shown(denied({ approved: false }))).toMatch(/danger.*was not allowed/);
  expect(shown(failed('The answer failed before the call was over.'))).toMatch(/danger/);
});
