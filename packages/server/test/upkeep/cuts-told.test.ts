import { expect, it, vi } from 'vitest';
import { hookDeliveryOn, writeAll } from '../support/hook-delivery-on.ts';
import { userMessage } from '../support/server.ts';

it('HF-RUN-25: a cut behind an answer that is still written is told behind the message that was told last', async () => {
  const told: (string | null)[] = [];
  const { log, hookDelivery } = hookDeliveryOn({
    onMessage: ({ message }) => void told.push(message.id),
    onTruncate: ({ after }) => void told.push(`cut behind ${after}`),
  });
  const run = { run: 'r', attempt: 1, messageId: 'written' };
  await writeAll(log, 's', [
    { k: 'message', message: userMessage('first', 'first') },
    { k: 'run-start', ...run, agent: 'a', command: 'c' },
    { k: 'chunks', ...run, c: [{ type: 'start' }, { type: 'text-start', id: 't' }] },
    { k: 'message', message: userMessage('second', 'second') },
    { k: 'truncate', after: 'written' },
    { k: 'message', message: userMessage('third', 'third') },
  ]);
  hookDelivery.begin('s');
  await vi.waitFor(() => expect(told).toEqual(['first', 'cut behind first', 'third']));
  const end = { k: 'run-end', ...run, outcome: 'finished' };
  await writeAll(log, 's', [end, { k: 'truncate', after: 'written' }]);
  hookDelivery.begin('s');
  await vi.waitFor(() => expect(told.slice(3)).toEqual(['written', 'cut behind written']));
});

const said = (id: string) => ({ k: 'message', message: userMessage(id, id) });
const run = (id: string, messageId: string) => {
  const of = { run: id, attempt: 1, messageId };
  return {
    begins: { k: 'run-start', ...of, agent: 'a', command: id },
    writes: { k: 'chunks', ...of, c: [{ type: 'start' }, { type: 'text-start', id }] },
    ends: { k: 'run-end', ...of, outcome: 'finished' },
  };
};
const cut = (after: string | null) => ({ k: 'truncate', after });
const one = run('r', 'answer');
const two = run('q', 'other');
const more = { ...run('p', 'answer'), begins: { ...run('p', 'answer').begins, continues: true } };
const begun = [said('first'), one.begins, one.writes];
const call = { type: 'tool-input-available', toolCallId: 't', toolName: 'n', input: {} };
const asks = { ...one.writes, c: [call] };
const answered = {
  ...{ k: 'answer', messageId: 'answer' },
  chunks: [{ type: 'tool-output-available', toolCallId: 't', output: 1 }],
};

it.each<[string, readonly object[], string, readonly object[], string]>([
  [
    'an answer that has ended behind the cut is told behind it',
    [...begun, said('second')],
    'first, second',
    [cut('answer'), one.ends],
    'cut behind first, answer',
  ],
  [
    'the same, where much is written in between',
    [...begun, said('second')],
    'first, second',
    [cut('answer'), ...Array.from({ length: 450 }, () => one.writes), one.ends],
    'cut behind first, answer',
  ],
  [
    'one that has ended in front of the cut is told in front of it',
    [...begun, said('second')],
    'first, second',
    [one.ends, cut('answer')],
    'answer, cut behind answer',
  ],
  [
    'of two that were written, one has ended',
    [...begun, two.begins, two.writes, one.ends, said('second')],
    'first, answer, second',
    [cut('other'), two.ends],
    'cut behind answer, other',
  ],
  [
    'two that were written have ended since',
    [...begun, two.begins, two.writes, said('second')],
    'first, second',
    [cut('other'), two.ends, one.ends],
    'cut behind first, other, answer',
  ],
  [
    'an answer that was told goes on, and is still written',
    [...begun, one.ends, more.begins, said('second')],
    'first, answer, second',
    [cut('answer')],
    'cut behind answer',
  ],
  [
    'an answer that was told has gone on, and has ended since',
    [...begun, one.ends, more.begins, more.writes, said('second')],
    'first, answer, second',
    [cut('answer'), more.ends],
    'cut behind answer, answer',
  ],
  [
    'a call of an answer that is still written was answered in front of the cut, which was told',
    [...begun, asks, answered, said('second')],
    'first, answer, second',
    [cut('answer'), one.ends],
    'cut behind answer, answer',
  ],
  [
    'a call of it is answered behind the cut',
    [...begun, asks, said('second')],
    'first, second',
    [cut('answer'), answered],
    'cut behind first, answer',
  ],
  [
    'an answer that ended without a word was never told',
    [said('first'), one.begins, one.ends, said('second')],
    'first, second',
    [cut('answer')],
    'cut behind first',
  ],
  [
    'nothing in front of the cut was told',
    [one.begins, one.writes, said('second')],
    'second',
    [cut('answer'), one.ends],
    'cut behind null, answer',
  ],
  [
    'what stays is cut off too: the later cut tells of both',
    [...begun, said('second')],
    'first, second',
    [cut('answer'), cut('first'), said('third')],
    'cut behind first, third',
  ],
])('HF-RUN-25: a cut names what the application was told by then: %s', async (...given) => {
  const [, before, toldBefore, behind, toldBehind] = given;
  let told: string[] = [];
  const { log, hookDelivery } = hookDeliveryOn({
    onMessage: ({ message }) => void told.push(message.id),
    onTruncate: ({ after }) => void told.push(`cut behind ${after}`),
  });
  for (const [entries, expected] of [
    [before, toldBefore],
    [behind, toldBehind],
  ] as const) {
    told = [];
    await writeAll(log, 's', entries);
    hookDelivery.begin('s');
    await vi.waitFor(() => expect(told.join(', ')).toBe(expected));
  }
  await hookDelivery.close();
  expect(told.join(', ')).toBe(toldBehind);
});
