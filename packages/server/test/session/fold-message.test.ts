import type { Chunk, Entry } from '@holdfast/protocol';
import { chunksOfItem, SessionProjection } from '@holdfast/protocol/projection';
import { expect, it } from 'vitest';
import { isShown, messageOf } from '../../src/session/fold-message.ts';

const user = (id: string): Entry => ({
  k: 'message',
  message: { id, role: 'user', parts: [{ type: 'text', text: id }] },
  at: 0,
});
const start = (run: string, messageId: string, attempt = 1): Entry => ({
  k: 'run-start',
  run,
  attempt,
  agent: 'a',
  messageId,
  command: `c-${run}`,
  at: 0,
});
const chunks = (run: string, c: readonly Chunk[], attempt = 1): Entry => ({
  k: 'chunks',
  run,
  attempt,
  c,
});
const end = (run: string): Entry => ({
  k: 'run-end',
  run,
  attempt: 1,
  outcome: 'finished',
  at: 0,
});
const text = (id: string, value: string): Chunk[] => [
  { type: 'start' },
  { type: 'text-start', id },
  { type: 'text-delta', id, delta: value },
  { type: 'text-end', id },
];

async function messagesOf(...entries: Entry[]) {
  const projection = new SessionProjection();
  for (const entry of entries) projection.apply(entry);
  const messages: { id: string; text: string }[] = [];
  for (const item of projection.items) {
    const message = await messageOf(item);
    if (!isShown(message)) continue;
    const parts = message.parts as { text?: string }[];
    messages.push({ id: message.id, text: parts.map((part) => part.text ?? '*').join('|') });
  }
  return messages;
}

it('HF-ENT-1: a message is what every run and every answer wrote into it, in log order', async () => {
  const call: Chunk = { type: 'tool-input-available', toolCallId: 'c', toolName: 't', input: {} };
  const answer: Chunk = { type: 'tool-output-available', toolCallId: 'c', output: 1 };
  const projection = new SessionProjection();
  for (const entry of [
    user('u1'),
    start('r1', 'a1'),
    chunks('r1', [{ type: 'start' }, call]),
    end('r1'),
    { k: 'answer', messageId: 'a1', chunks: [answer], at: 0 } satisfies Entry,
    start('r2', 'a1'),
    chunks('r2', text('t', 'done')),
    end('r2'),
  ])
    projection.apply(entry);
  const item = projection.item('a1');
  expect(item && (await messageOf(item))).toMatchObject({
    id: 'a1',
    role: 'assistant',
    parts: [
      { type: 'tool-t', state: 'output-available', output: 1 },
      { type: 'text', text: 'done' },
    ],
  });
});

it('HF-ENT-5: a higher attempt supersedes the chunks of a lower one, in its place', async () => {
  expect(
    await messagesOf(
      start('r1', 'a1'),
      chunks('r1', text('t', 'first')),
      start('r2', 'a2'),
      chunks('r2', text('t', 'other')),
      start('r1', 'a1', 2),
      chunks('r1', text('t', 'zombie')),
      chunks('r1', text('t', 'second'), 2),
    ),
  ).toEqual([
    { id: 'a1', text: 'second' },
    { id: 'a2', text: 'other' },
  ]);
});

it('HF-ENT-6: chunks of a run whose message was cut off change nothing', async () => {
  expect(
    await messagesOf(
      user('u1'),
      start('r1', 'a1'),
      chunks('r1', text('t', 'old')),
      { k: 'truncate', after: 'u1', at: 0 },
      start('r2', 'a2'),
      chunks('r1', text('t2', 'late')),
      chunks('r2', text('t', 'new')),
      end('r1'),
    ),
  ).toEqual([
    { id: 'u1', text: 'u1' },
    { id: 'a2', text: 'new' },
  ]);
});

it('two runs at once keep to their own messages', async () => {
  const [first, second] = [text('t', 'one'), text('t', 'two')];
  const woven = first.flatMap((chunk, at) => [
    chunks('r1', [chunk]),
    chunks('r2', [second[at] as Chunk]),
  ]);
  expect(await messagesOf(start('r1', 'a1'), start('r2', 'a2'), ...woven)).toEqual([
    { id: 'a1', text: 'one' },
    { id: 'a2', text: 'two' },
  ]);
});

it('a message with an id that is there already is replaced where it stands', async () => {
  const edited: Entry = {
    k: 'message',
    message: { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'edited' }] },
    at: 0,
  };
  expect(await messagesOf(user('u1'), user('u2'), edited)).toEqual([
    { id: 'u1', text: 'edited' },
    { id: 'u2', text: 'u2' },
  ]);
});

it('truncates to nothing, and ignores a truncation behind a message that is not there', async () => {
  expect(await messagesOf(user('u1'), { k: 'truncate', after: 'none', at: 0 })).toHaveLength(1);
  expect(await messagesOf(user('u1'), { k: 'truncate', after: null, at: 0 })).toHaveLength(0);
});

it('leaves out an assistant message into which nothing was written', async () => {
  expect(await messagesOf(start('r1', 'a1'), end('r1'))).toEqual([]);
});

it('HF-ENT-3: making a message leaves the chunks as they came', async () => {
  const projection = new SessionProjection();
  const data: Chunk = { type: 'data-progress', id: 'p', data: 1 };
  projection.apply(start('r1', 'a1'));
  projection.apply(chunks('r1', [{ type: 'start' }, data, { type: 'start-step' }]));
  projection.apply(chunks('r1', [{ type: 'data-progress', id: 'p', data: 2 }]));
  const item = projection.item('a1');
  expect(item && (await messageOf(item))?.parts[0]).toMatchObject({ data: 2 });
  expect(data).toEqual({ type: 'data-progress', id: 'p', data: 1 });
  expect(item?.kind === 'assistant' && chunksOfItem(item)[1]).toEqual(data);
});
