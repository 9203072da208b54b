import { expect, test, vi } from 'vitest';
import { onAnswered } from '../../src/sync/answered.ts';

const chatOf = () => {
  const given: unknown[] = [];
  const addToolOutput = async (output: unknown): Promise<void> => void given.push(output);
  return { chat: { addToolOutput }, given, addToolOutput };
};

test.each(['first', 'last'])('of two that listen to one chat, the %s may end', async (which) => {
  const { chat, given, addToolOutput } = chatOf();
  const tells = [vi.fn(), vi.fn()];
  const ends = tells.map((tell) => onAnswered(chat, tell));
  const [over, left] = which === 'first' ? [0, 1] : [1, 0];
  ends[over]?.();
  await chat.addToolOutput('a');
  expect(given).toEqual(['a']);
  expect([tells[over], tells[left]].map((tell) => tell?.mock.calls.length)).toEqual([0, 1]);
  ends[left]?.();
  await chat.addToolOutput('b');
  expect(given).toEqual(['a', 'b']);
  expect(tells[left]).toHaveBeenCalledOnce();
  if (which === 'last') expect(chat.addToolOutput).toBe(addToolOutput);
});

test('a chat that cannot be changed is left as it is', async () => {
  const { chat, given, addToolOutput } = chatOf();
  onAnswered(Object.freeze(chat), () => expect.unreachable())();
  await chat.addToolOutput('a');
  expect([given, chat.addToolOutput]).toEqual([['a'], addToolOutput]);
});
