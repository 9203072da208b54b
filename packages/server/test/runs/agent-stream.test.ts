import { expect, it } from 'vitest';
import { toChunkStream } from '../../src/runs/agent-stream.ts';

const options = { generateMessageId: () => 'm', onError: () => 'no' };

async function* saying() {
  yield { type: 'start' } as const;
}

it('what is a stream of chunks is taken as it is, and others are asked for one', () => {
  const stream = saying();
  expect(toChunkStream(stream, options)).toBe(stream);
  const asked: unknown[] = [];
  const result = {
    stream: 'none',
    toUIMessageStream(given: unknown) {
      asked.push(this, given);
      return stream;
    },
  };
  expect(toChunkStream(result, options)).toBe(stream);
  expect(asked).toEqual([result, options]);
});

it.each([
  [undefined],
  [null],
  ['text'],
  [7],
  [{}],
  [{ stream: null }],
  [{ stream: {} }],
  [{ toUIMessageStream: 'none' }],
])('%j is none', (result) => {
  expect(() => toChunkStream(result, options)).toThrow(
    expect.objectContaining({ code: 'internal' }),
  );
});
