import { type Chunk, HoldfastError, type Limits } from '@holdfast/protocol';
import { inWords, overLimit } from '../over-limit.ts';
import { tellUsers } from '../user-text.ts';

const names: Readonly<Record<string, string>> = {
  'tool-output-available': 'the output of a tool',
  'tool-input-available': 'the input of a tool',
  file: 'a file',
};

/** The error of an agent's chunk that no entry can hold: for whoever runs the server, and in short for users. */
export function chunkTooLarge(
  chunks: readonly Chunk[],
  limits: Pick<Limits, 'entryBytes' | 'fileBytes'>,
  limit: 'entryBytes' | 'fileBytes' = 'entryBytes',
): HoldfastError {
  const sizes = chunks.map((chunk) => Buffer.byteLength(JSON.stringify(chunk)));
  const bytes = Math.max(0, ...sizes);
  const chunk = chunks[sizes.indexOf(bytes)];
  const { type, toolCallId } = chunk ?? { type: '', toolCallId: undefined };
  const name = names[type] ?? `a part of the answer (${type})`;
  const call = typeof toolCallId === 'string' ? ` (call ${toolCallId.slice(0, 64)})` : '';
  const size = `${inWords(bytes)}; the limit is ${inWords(limits[limit], 'down')}`;
  return tellUsers(
    new HoldfastError(
      'too_large',
      `unable to keep the answer: ${name}${call} is ${size}. Return less, or keep it elsewhere and return where it is, or raise \`limits.${limit}\``,
    ),
    `The answer ended early: ${name} is too large (${size}).`,
  );
}

/** Bytes of the entry beside them. */
const besides = 1_024;

/** Refuses what clients' tools gave when no entry can hold it: throws `too_large`. */
export function checkAnswerSize(
  answers: readonly Chunk[],
  most: number,
  limit: 'entryBytes' | 'fileBytes' = 'entryBytes',
): void {
  const bytes = Buffer.byteLength(JSON.stringify(answers));
  if (bytes + besides <= most) return;
  const what = answers.length > 1 ? 'the outputs of the tools are' : 'the output of the tool is';
  throw overLimit(
    limit,
    'too_large',
    `unable to answer: ${what} ${inWords(bytes)}; the limit is ${inWords(most - besides, 'down')}`,
  );
}
