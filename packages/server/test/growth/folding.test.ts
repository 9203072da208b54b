import type { Chunk, Entry } from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
import { expect, it } from 'vitest';
import { foldMessage } from '../../src/session/fold-message.ts';
import { costOf, growthOf, linear } from './cost.ts';

const texts = (count: number): Chunk[] =>
  Array.from({ length: count }, (_, at) => `t${at}`).flatMap((id) => [
    { type: 'text-start', id },
    { type: 'text-delta', id, delta: 'some words of an answer ' },
    { type: 'text-end', id },
  ]);
const steps = (count: number): Chunk[] =>
  Array.from({ length: count }, (_, at) => `c${at}`).flatMap((toolCallId) => [
    { type: 'start-step' },
    { type: 'tool-input-available', toolCallId, toolName: 'look', input: { at: toolCallId } },
    { type: 'tool-output-available', toolCallId, output: 'seen' },
    { type: 'finish-step' },
  ]);
const datas = (count: number): Chunk[] =>
  Array.from({ length: count }, (_, at) => ({ type: 'data-x', data: { at } }));
const files = (count: number): Chunk[] =>
  Array.from({ length: count }, (_, at) => ({
    type: 'source-url',
    sourceId: `${at}`,
    url: 'https://a.test',
  }));

it.each(Object.entries({ texts, steps, datas, files }))(
  'HF-SUB-9: folding a message of many %s costs in proportion to them',
  async (_, parts) => {
    const cost = (count: number) => {
      const chunks = [{ type: 'start', messageId: 'm' }, ...parts(count)];
      return costOf(() => foldMessage('m', chunks));
    };
    expect(await growthOf(cost, 500)).toBeLessThan(linear);
  },
  60_000,
);

it('a projection of many entries costs in proportion to them', async () => {
  const cost = (count: number) => {
    const entries: Entry[] = [
      { k: 'run-start', run: 'r', attempt: 1, agent: 'a', messageId: 'm', command: 'c', at: 0 },
      ...texts(count).map((chunk): Entry => ({ k: 'chunks', run: 'r', attempt: 1, c: [chunk] })),
    ];
    return costOf(() => {
      const projection = new SessionProjection();
      for (const entry of entries) projection.apply(entry);
    });
  };
  expect(await growthOf(cost, 2_000)).toBeLessThan(linear);
});
