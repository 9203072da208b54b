import { expect, it } from 'vitest';
import { withResponses } from '../src/approvals.ts';
import type { Chunk, Message } from '../src/entries.ts';
import { reducers } from './support/reducers.ts';

const asked: Chunk[] = [
  { type: 'start' },
  ...['c1', 'c2', 'c3'].flatMap((toolCallId): Chunk[] => [
    { type: 'tool-input-available', toolCallId, toolName: 'ask', input: {} },
    { type: 'tool-approval-request', approvalId: `a-${toolCallId}`, toolCallId, signature: 's' },
  ]),
];
const response = (toolCallId: string, approved: boolean, reason?: string): Chunk => ({
  type: 'tool-approval-response',
  approvalId: `a-${toolCallId}`,
  approved,
  ...(reason === undefined ? {} : { reason }),
});

it.each(reducers)('responses stand in the message that ai $sdk makes', async ({ reduce }) => {
  const chunks = [
    ...asked,
    response('c1', true),
    response('c2', false, 'no'),
    { type: 'tool-output-available', toolCallId: 'c1', output: 1 },
  ];
  const message = withResponses((await reduce(chunks)) as Message, chunks);
  const part = { type: 'tool-ask' };
  expect(message.parts).toMatchObject([
    { ...part, state: 'output-available', approval: { id: 'a-c1', approved: true } },
    {
      ...part,
      state: 'approval-responded',
      approval: { id: 'a-c2', approved: false, reason: 'no', signature: 's' },
    },
    { ...part, state: 'approval-requested', approval: { id: 'a-c3', signature: 's' } },
  ]);
});

it('one response is enough, and the first to a request stands', () => {
  const part = { type: 'tool-ask', state: 'approval-requested', approval: { id: 'a-c1' } };
  const given = (...responses: Chunk[]) => withResponses({ parts: [part] }, responses).parts;
  const answered = { ...part, state: 'approval-responded' };
  const no = { ...answered, approval: { id: 'a-c1', approved: false } };
  expect(given(response('c1', false))).toEqual([no]);
  expect(given(response('c1', false), response('c1', true))).toEqual([no]);
});

it('a message without responses is left as it is', () => {
  const message = { parts: [{ type: 'text', text: 'x' }, 'odd'] };
  expect(withResponses(message, asked)).toBe(message);
  expect(withResponses(message, [response('c1', true)])).toBe(message);
});
