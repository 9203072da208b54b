import type { ModelMessage, UserModelMessage } from 'ai';
import { expect, it } from 'vitest';
import { createStepQueue } from '../../src/runs/step-queue.ts';
import { handed } from '../support/attempting.ts';
import { turn } from '../support/background.ts';

const says = (content: string): UserModelMessage => ({ role: 'user', content });
const prompt = (length: number): ModelMessage[] => Array.from({ length }, (_, at) => says(`${at}`));

/** A queue, the prompts of its steps as words, and its agent's chunks. */
function queueing() {
  const queue = createStepQueue();
  const sent = (id: string) => ({ ...{ id, role: 'user', parts: [{ type: 'text', text: id }] } });
  const add = (id: string) => queue.add({ id, message: sent(id), model: says(id) });
  const promptOf = (length: number) =>
    queue
      .prepareStep({ messages: prompt(length) })
      ?.messages.map(({ content }) => content)
      .join(' ');
  return { queue, add, promptOf };
}

it('HF-RUN-21: a message stands in every prompt from the next step on, where it came', () => {
  const { add, promptOf } = queueing();
  expect(promptOf(1)).toBeUndefined();
  add('a');
  add('b');
  expect(promptOf(2)).toBe('0 1 a b');
  expect(promptOf(3)).toBe('0 1 a b 2');
  add('c');
  expect(promptOf(4)).toBe('0 1 a b 2 3 c');
  expect(promptOf(5)).toBe('0 1 a b 2 3 c 4');
});

it('HF-RUN-21: one that came before all stands in front', () => {
  const { add, promptOf } = queueing();
  add('a');
  expect(promptOf(0)).toBe('a');
  expect(promptOf(2)).toBe('a 0 1');
});

it('HF-RUN-21: each is told of once, in front of what its step says', async () => {
  const { queue, add, promptOf } = queueing();
  const told: unknown[] = [];
  const agent = async function* () {
    yield 'one';
    add('a');
    yield 'two';
    promptOf(2);
    yield 'three';
    promptOf(3);
    yield 'four';
  };
  for await (const chunk of queue.through(agent())) told.push(chunk);
  const steered = {
    type: 'data-steering',
    id: 'a',
    data: { parts: [{ type: 'text', text: 'a' }] },
  };
  expect(told).toEqual(['one', 'two', steered, 'three', 'four']);
});

it.each([0, 1])('an agent is left with its reader, after it was asked %i times', async (asked) => {
  const agent = handed();
  const values = queueing().queue.through(agent.source)[Symbol.asyncIterator]();
  for (let at = 0; at < asked; at++) void values.next();
  void values.return?.();
  await turn();
  expect([agent.asked, agent.left]).toEqual([asked, 1]);
});
