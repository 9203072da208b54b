import { expect, it } from 'vitest';
import { messagesBefore } from '../../src/runs/prompt.ts';
import { patient } from '../support/patient.ts';
import { note, session } from '../support/writing.ts';

const says = (text: string) => [
  { type: 'text-start', id: text },
  { type: 'text-delta', id: text, delta: text },
  { type: 'text-end', id: text },
];

/** The words of a message that runs wrote into, one after another, that are there before one of these. */
async function before(run: string): Promise<readonly string[] | undefined> {
  const { core, inner } = patient();
  const entries = ['first', 'second', 'third'].flatMap((each) => [
    { k: 'run-start', run: each, attempt: 1, agent: 'a', messageId: 'm', command: `c-${each}` },
    { k: 'chunks', run: each, attempt: 1, c: [{ type: 'start' }, ...says(each)] },
    { k: 'run-end', run: each, attempt: 1, outcome: 'finished', messageId: 'm' },
  ]);
  for (const [at, entry] of entries.entries())
    await inner.send(session, { command: `${at}`, entries: [note(at + 1, { at: 0, ...entry })] });
  const prompt = await core.hubs.use(session, (hub) => messagesBefore(hub, run, 'm'));
  return prompt?.messages().map((message) => {
    const parts = message.parts as { text?: string }[];
    return parts.flatMap(({ text }) => text ?? []).join(' ');
  });
}

it.each([
  ['first', []],
  ['second', ['first']],
  ['third', ['first second']],
  ['unknown', undefined],
])('the %s run of a message is given %j, and not its own words', async (run, words) => {
  expect(await before(run)).toEqual(words);
});
