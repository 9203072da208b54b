import type { Chunk, Entry } from '@holdfast/protocol';
import { chunksOfItem, SessionProjection } from '@holdfast/protocol/projection';
import { expect, it, vi } from 'vitest';
import { foldMessage } from '../../src/session/fold-message.ts';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { userMessage } from '../support/server.ts';
import { allPages, ended } from '../support/talk.ts';

const gives = { type: 'tool-output-available', toolCallId: 'c1', output: 'Oslo' };

it('HF-ENT-4: answers that came in the midst of a run are gone on with, once', async () => {
  const gated = gatedAgent();
  const server = await startOwnServer({ agent: gated.agent, clientTools: ['ask'] });
  const first = await server.send({ id: 's', message: userMessage('u1', 'Where am I?') });
  gated.emit({ type: 'start' }, { type: 'start-step' });
  gated.emit({ type: 'tool-input-available', toolCallId: 'c1', toolName: 'ask', input: {} });
  await vi.waitFor(async () => expect(await allPages(server, 's')).toHaveLength(2));
  const response = await postJson(`${server.api}/s/answer`, {
    messageId: first.messageId,
    answers: [gives],
  });
  expect(response.status).toBe(200);
  gated.emit({ type: 'finish-step' }, { type: 'file', url: 'data:,x', mediaType: 'text/plain' });
  gated.emit({ type: 'finish' });
  gated.end();
  await ended(server, 's', first.run);
  const goOn = () => server.send({ id: 's', continues: first.messageId, answers: [gives] });
  const next = await goOn();
  expect(next.run).not.toBe(first.run);
  gated.emit(...answer('Well.'));
  gated.end();
  await ended(server, 's', next.run);
  await expect(goOn()).rejects.toThrow(/conflict/);
  const [, message] = await allPages(server, 's');
  expect(message?.parts.map((part) => (part as { type: string }).type)).toEqual([
    'step-start',
    'tool-ask',
    'file',
    'text',
  ]);
});

it('HF-ENT-4, HF-ENT-5: answers to calls of an attempt that is gone are gone too', async () => {
  const at = 0;
  const by = { id: 'u', role: 'user' } as const;
  const start = (attempt: number): Entry => ({
    k: 'run-start',
    run: 'r1',
    attempt,
    agent: 'a',
    messageId: 'M',
    command: 'u1',
    at,
  });
  const write = (attempt: number, ...c: Chunk[]): Entry => ({ k: 'chunks', run: 'r1', attempt, c });
  const call = (toolCallId: string): Chunk => ({
    type: 'tool-input-available',
    toolCallId,
    toolName: 'ask',
    input: {},
  });
  const answers = (...ids: string[]): Entry => ({
    k: 'answer',
    messageId: 'M',
    chunks: ids.map((toolCallId) => ({ ...gives, toolCallId })),
    by,
    at,
  });
  const projection = new SessionProjection();
  for (const entry of [
    start(1),
    write(1, { type: 'start', messageId: 'M' }, call('kept')),
    { k: 'step', run: 'r1', name: 'part', seals: true, at } as Entry,
    write(1, call('gone')),
    answers('gone', 'kept'),
    write(1, call('gone too')),
    answers('gone too'),
    start(2),
    write(2, { type: 'start', messageId: 'M' }, call('new')),
    answers('new'),
  ])
    projection.apply(entry);
  const item = projection.item('M');
  const chunks = item?.kind === 'assistant' ? chunksOfItem(item) : [];
  const { parts } = await foldMessage('M', chunks);
  expect(parts).toMatchObject([
    { toolCallId: 'kept', state: 'output-available' },
    { toolCallId: 'new', state: 'output-available' },
  ]);
});
