import { afterEach, describe, expect, it, vi } from 'vitest';
import { isStray, notAStream, toChunk } from '../../src/runs/agent-fault.ts';
import { textForUsers } from '../../src/user-text.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const noChunk = 'and not UI message chunks';

describe('what an agent has returned that is no stream', () => {
  const answer = { text: 'Hello.', steps: [] };
  const agent = { stream: () => {}, generate: () => {} };
  it.each<[string, unknown]>([
    ['it returned nothing; is a `return` missing? return what', undefined],
    ['it returned nothing; is a `return` missing? return what', null],
    ['it returned a text; return what', 'Hello.'],
    ['it returned a function; call it, and return what', () => {}],
    ['it returned a Response; return what `streamText` gives itself', new Response('')],
    ['it returned an agent; return what its `stream({ … })` gives', agent],
    ['it returned a complete answer, as `generateText` gives it; use `streamText`', answer],
    ['it returned a generator that is not async; write `async function*`', [].values()],
    ['it returned a list that is no stream; return what', []],
    ['it returned an object that is no stream; return what', {}],
    ['it returned an object that is no stream; return what', { stream: () => {}, text: 7 }],
    ['it returned an object that is no stream; return what', { generate: () => {} }],
    ['it returned a number that is no stream; return what', 7],
  ])('is named, with the cure: %s', (words, result) => {
    expect(notAStream(result)).toMatchObject({
      code: 'internal',
      message: expect.stringContaining(`unable to read the agent: ${words}`),
    });
  });

  it('is told to users while an application is developed, and not in production', () => {
    expect(textForUsers(notAStream(7))).toMatch(/it returned a number/);
    vi.stubEnv('NODE_ENV', 'production');
    expect(textForUsers(notAStream(7))).toBe(
      'The agent gave no answer that can be shown; the server’s log says why.',
    );
  });
});

describe('a value of an agent’s stream', () => {
  it.each([
    { type: 'text-delta', id: 't', delta: '' },
    { type: 'data-a.b', data: 1 },
    { type: 'from-the-future' },
  ])('that is a chunk is taken as it is: $type', (chunk) => {
    expect(toChunk(chunk, true)).toBe(chunk);
    expect(isStray(chunk)).toBe(false);
  });

  it.each<[string, unknown]>([
    [`its stream has texts, ${noChunk}`, 'Hello.'],
    [`its stream has bytes, ${noChunk}`, new Uint8Array(1)],
    ['its stream has a value without a `type`, which is no UI message chunk', { id: 't' }],
    ['its stream has a value without a `type`, which is no UI message chunk', { type: 7 }],
    ['its stream has a value without a `type`, which is no UI message chunk', null],
    [`its stream has parts of messages (\`text\`), ${noChunk}`, { type: 'text', text: 'a' }],
    [`its stream has parts of the model (\`fullStream\`), ${noChunk}`, { type: 'tool-call' }],
    [
      `its stream has parts of the model (\`fullStream\`), ${noChunk}`,
      { type: 'text-delta', id: 't', text: 'a' },
    ],
  ])('that is none is named, wherever it comes: %s', (words, value) => {
    const message = expect.stringContaining(`unable to read the agent: ${words}`);
    for (const isFirst of [true, false])
      expect(() => toChunk(value, isFirst)).toThrow(expect.objectContaining({ message }));
  });

  it.each(['response.created', 'message_start'])(
    'that a provider’s own client has is named where the stream begins with it: %s',
    (type) => {
      expect(() => toChunk({ type }, true)).toThrow(/events of a provider’s own client/);
      expect(toChunk({ type }, false)).toEqual({ type });
    },
  );

  it.each([[7], [null], [undefined], [{}]])('may be left out that says nothing: %s', (value) => {
    expect(isStray(value)).toBe(true);
  });

  it.each([['Hello.'], [new Uint8Array(1)]])('may not that could be missed: %s', (value) => {
    expect(isStray(value)).toBe(false);
  });
});
