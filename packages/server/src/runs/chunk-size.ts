import { type Chunk, HoldfastError } from '@holdfast/protocol';
import { inWords, overLimit } from '../over-limit.ts';
import { tellUsers } from '../user-text.ts';

const names: Readonly<Record<string, string>> = {
  'tool-output-available': 'the output of a tool',
  'tool-input-available': 'the input of a tool',
  file: 'a file',
};

/** The error of an agent's chunk that no entry can hold: for whoever runs the server, and in short for users. */
export function chunkTooLarge(chunks: readonly Chunk[], entryBytes: number): HoldfastError {
  const sizes = chunks.map((chunk) => Buffer.byteLength(JSON.stringify(chunk)));
  const bytes = Math.max(0, ...sizes);
  const chunk = chunks[sizes.indexOf(bytes)];
  const { type, toolCallId } = chunk ?? { type: '', toolCallId: undefined };
  const name = names[type] ?? `a part of the answer (${type})`;
  const call = typeof toolCallId === 'string' ? ` (call ${toolCallId.slice(0, 64)})` : '';
  const size = `${inWords(bytes)}; the limit is ${inWords(entryBytes, 'down')}`;
  return tellUsers(
    new HoldfastError(
      'too_large',
      `unable to keep the answer: ${name}${call} is ${size}. Return less, or keep it elsewhere and return where it is, or raise \`limits.entryBytes\``,
    ),
    `The answer ended early: ${name} is too large (${size}).`,
  );
}

/** Bytes of the entry beside them. */
const besides = 1_024;

/** Refuses what clients' tools gave when no entry can hold it: throws `too_large`. */
export function checkAnswerSize(answers: readonly Chunk[], entryBytes: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(answers));
  if (bytes + besides <= entryBytes) return;
  const what = answers.length > 1 ? 'the outputs of the tools are' : 'the output of the tool is';
  throw overLimit(
    'entryBytes',
    'too_large',
    `unable to answer: ${what} ${inWords(bytes)}; the limit is ${inWords(entryBytes - besides, 'down')}`,
  );
}
