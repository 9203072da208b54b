import { expect, it } from 'vitest';
import { takeAnswers } from '../../src/commands/answer.ts';
import { patient } from '../support/patient.ts';
import { session } from '../support/writing.ts';

const count = 6;
const ids = Array.from({ length: count }, (_, at) => `c${at}`);
const megabyte = 1_048_576;

/** A message whose calls have answers of a megabyte each, in files, and how many of these are read at the same time. */
async function answered() {
  let [reading, most] = [0, 0];
  const { core, inner } = patient((log) => ({
    readPiece: async (...of) => {
      most = Math.max(most, ++reading);
      return await log.readPiece(...of).finally(() => reading--);
    },
  }));
  const of = { run: 'r', attempt: 1 };
  const start = { k: 'run-start', ...of, agent: 'a', messageId: 'm', command: 'c' };
  const made = { type: 'tool-input-available', toolName: 't', input: {} };
  const c = [{ type: 'start' }, ...ids.map((toolCallId) => ({ ...made, toolCallId }))];
  const note = (nonce: number, entry: object) => ({ nonce, body: JSON.stringify(entry) });
  await inner.send(session, {
    command: 'c',
    entries: [note(1, start)],
    run: {
      run: 'r',
      info: JSON.stringify({ messageId: 'm', agent: 'a' }),
      leaseMs: 600_000,
      stopped: note(2, { k: 'run-end', ...of, outcome: 'stopped', messageId: 'm' }),
    },
  });
  await inner.append(session, { ...of, seq: 1, entry: note(3, { k: 'chunks', ...of, c }) });
  const answer = (toolCallId: string) => ({
    type: 'tool-output-available',
    toolCallId,
    // With its quotes a megabyte.
    output: toolCallId.padEnd(megabyte - 2, '.'),
  });
  const give = async (names: readonly string[]) => {
    const given = { messageId: 'm', answers: names.map(answer), isClientTool: () => true };
    return (await takeAnswers(core, session, given, { id: 'u' })).answers;
  };
  await give(ids);
  return { give, most: () => most };
}

it('HF-HTTP-29: answers that stand are read one after another, however many are asked for', async () => {
  const { give, most } = await answered();
  expect(await give(ids)).toHaveLength(count);
  expect(most()).toBe(1);
});

it('HF-FILE-14: of answers that stand so many are told whole as a page has, also of one that is asked for again and again', async () => {
  const { give } = await answered();
  const told = (answers: readonly object[]) =>
    answers.map((each) => typeof (each as { output: unknown }).output);
  expect(told(await give(ids))).toEqual([...Array(4).fill('string'), ...Array(2).fill('object')]);
  expect(told(await give(Array(5).fill('c0')))).toEqual([...Array(4).fill('string'), 'object']);
});
