import { HoldfastError } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { checkAnswerSize, chunkTooLarge } from '../../src/runs/chunk-size.ts';
import { extrasOf, keepOf, keptText, messageIdOf, runRecordOf } from '../../src/runs/run-record.ts';
import { textForUsers } from '../../src/user-text.ts';

const kilo = 1_024;

/** The value with a text in `name` that makes it so many bytes of JSON. */
function sized<Value extends object>(value: Value, name: string, bytes: number): Value {
  const rest = Buffer.byteLength(JSON.stringify({ ...value, [name]: '' }));
  return { ...value, [name]: 'x'.repeat(bytes - rest) };
}

const thrownBy = (act: () => unknown): unknown => {
  try {
    act();
    return null;
  } catch (error) {
    return error;
  }
};

describe('what is kept with a run', () => {
  const participant = { id: 'ann' };

  it('is the data that a client has added, and who sent it, as long as there is room', () => {
    const kept = { participant, ...extrasOf({ metadata: { a: 1 }, body: { b: 2 } }) };
    const text = keptText(kept, JSON.stringify(kept).length);
    expect(keepOf(text)).toEqual(kept);
    expect(keepOf('')).toBeUndefined();
    expect(extrasOf({})).toEqual({});
  });

  it.each([
    ['its `metadata`', sized({ participant, body: { b: 1 } }, 'metadata', 3_000), 'metadata'],
    ['its `body`', { participant, metadata: 'short', body: { b: 'x'.repeat(3_000) } }, 'body'],
    [
      'what `authorize` says of the participant',
      { participant: { id: 'a', name: 'x'.repeat(3_000) }, metadata: 'short' },
      'participant',
    ],
  ] as const)(
    'is refused where it is a byte too much, by what is largest in it: %s',
    (what, kept, part) => {
      const bytes = Buffer.byteLength(JSON.stringify(kept));
      expect(thrownBy(() => keptText(kept, bytes))).toBeNull();
      const largest = JSON.stringify((kept as Readonly<Record<string, unknown>>)[part]).length;
      expect(thrownBy(() => keptText(kept, bytes - 1))).toMatchObject({
        code: 'too_large',
        message: `unable to send: ${what} is ${largest} bytes, and it is kept until the run has ended, for which there are ${bytes - 1}; send less`,
      });
    },
  );

  it('names the message of the run, where it has one', () => {
    expect(runRecordOf('{"agent":"a"}')).toEqual({ agent: 'a' });
    expect(messageIdOf('{"messageId":"m"}')).toBe('m');
    for (const none of ['{}', '{"messageId":7}']) expect(messageIdOf(none)).toBeNull();
  });
});

describe('the error of a chunk that is too large', () => {
  const limits = { entryBytes: 256 * kilo, fileBytes: 10 * kilo * kilo };
  const small = { type: 'text-delta', id: 't', delta: 'x' };

  it.each([
    [
      `the output of a tool (call ${'c'.repeat(64)})`,
      'the output of a tool',
      { type: 'tool-output-available', toolCallId: 'c'.repeat(70) },
      'output',
    ],
    [
      'the input of a tool (call c)',
      'the input of a tool',
      { type: 'tool-input-available', toolCallId: 'c' },
      'input',
    ],
    ['a file', 'a file', { type: 'file', mediaType: 'image/png' }, 'url'],
    [
      'a part of the answer (data-map)',
      'a part of the answer (data-map)',
      { type: 'data-map' },
      'data',
    ],
  ])('says which, how large, and what to do: %s', (named, name, chunk, member) => {
    const large = sized(chunk, member, 300 * kilo);
    const error = chunkTooLarge([small, large, small], limits);
    expect(error).toMatchObject({
      code: 'too_large',
      message: `unable to keep the answer: ${named} is 300 KB; the limit is 256 KB. Return less, or keep it elsewhere and return where it is, or raise \`limits.entryBytes\``,
    });
    expect(textForUsers(error)).toBe(
      `The answer ended early: ${name} is too large (300 KB; the limit is 256 KB).`,
    );
    expect(chunkTooLarge([large], limits, 'fileBytes').message).toMatch(
      /is 300 KB; the limit is 10 MB.*`limits.fileBytes`$/,
    );
  });
});

describe('answers of clients’ tools', () => {
  it.each([
    ['the output of the tool is', 1],
    ['the outputs of the tools are', 2],
  ])('are refused where they leave no room for the rest of an entry: %s', (what, count) => {
    const most = 256 * kilo;
    const others = Array.from({ length: count - 1 }, () => ({ type: 'x' }));
    const answers = (bytes: number) => {
      const rest = JSON.stringify([...others, { type: 'y', output: '' }]).length;
      return [...others, { type: 'y', output: 'x'.repeat(bytes - rest) }];
    };
    const room = most - kilo;
    expect(thrownBy(() => checkAnswerSize(answers(room), most))).toBeNull();
    const refused = thrownBy(() => checkAnswerSize(answers(room + 1), most));
    expect(HoldfastError.is(refused)).toBe(true);
    expect(refused).toMatchObject({
      code: 'too_large',
      message: `unable to answer: ${what} 256 KB; the limit is 255 KB`,
    });
  });
});
