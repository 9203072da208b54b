import { describe, expect, test } from 'vitest';
import { decodeClientFrame, encodeFrame } from '../src/decode.ts';
import type { ClientFrame, ServerFrame } from '../src/frames.ts';
import { defaultLimits } from '../src/limits.ts';
import { outcomeOfServer } from './support/outcomes.ts';
import { section } from './support/protocol-doc.ts';
import { clientVectors, serverVectors } from './support/vectors.ts';

const sides = [
  { side: 'client', decode: decodeClientFrame, vectors: clientVectors },
  { side: 'server', decode: outcomeOfServer, vectors: serverVectors },
] as const;

const nested = (depth: number): string =>
  `{"t":"ping","x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

describe.each(sides)('a $side frame', ({ decode, vectors }) => {
  test.each(vectors.valid.map((frame) => ({ t: frame.t, frame })))(
    'of type $t is the same after encoding and decoding',
    ({ frame }) => {
      expect(decode(encodeFrame(frame))).toEqual({ kind: 'frame', frame });
    },
  );

  test.each(vectors.valid.map((frame) => ({ t: frame.t, frame })))(
    'of type $t is known in spite of members that are not (HF-VER-2)',
    ({ frame }) => {
      const text = JSON.stringify({ ...frame, future: { nested: [1] }, toString: 1 });
      expect(decode(text)).toMatchObject({ kind: 'frame', frame });
    },
  );

  test.each(vectors.unknown)('of an unknown type is told from a bad one: %s (HF-VER-3)', (text) => {
    const { t } = JSON.parse(text) as { t: string };
    const frame = JSON.parse(text) as object;
    expect(decode(text)).toEqual(
      decode === decodeClientFrame ? { kind: 'unknown', type: t } : { kind: 'frame', frame },
    );
  });

  test.each(vectors.bad)('is bad when its form is wrong: $text (HF-FRM-1)', ({ text, reason }) => {
    expect(decode(text)).toEqual({ kind: 'bad', reason });
  });

  test.each([undefined, null, 1, new Uint8Array(), { t: 'ping' }])(
    'is bad when it is no text (HF-FRM-1)',
    (input) => {
      expect(decode(input).kind).toBe('bad');
    },
  );

  test.each([10_000, 1_000_000])('nested %d deep gives an outcome and throws nothing', (depth) => {
    expect(['frame', 'bad']).toContain(decode(nested(depth)).kind);
    expect(decode('['.repeat(depth)).kind).toBe('bad');
    expect(decode('{"a":'.repeat(depth)).kind).toBe('bad');
  });
});

test.each(clientVectors.valid.map((frame) => ({ t: frame.t, frame })))(
  'a client frame of type $t loses members that are not known, and nothing else (HF-VER-2)',
  ({ frame }) => {
    const text = JSON.stringify({ ...frame, future: { nested: [1] }, toString: 1 });
    expect(decodeClientFrame(text)).toEqual({ kind: 'frame', frame });
  },
);

test.each([10_000, 1_000_000])(
  'a client frame nested %d deep is bad and costs no stack (HF-FRM-1)',
  (depth) => {
    const tooDeep = { kind: 'bad', reason: 'frame is nested too deep' };
    expect(decodeClientFrame(nested(depth))).toEqual(tooDeep);
    expect(decodeClientFrame('['.repeat(depth))).toEqual(tooDeep);
    expect(decodeClientFrame('{"a":'.repeat(depth))).toEqual(tooDeep);
  },
);

test('a client frame may be nested as deep as the limit and no deeper (HF-FRM-1)', () => {
  const limit = defaultLimits.jsonDepth;
  expect(decodeClientFrame(nested(limit)).kind).toBe('frame');
  expect(decodeClientFrame(nested(limit + 1)).kind).toBe('bad');
  expect(decodeClientFrame(nested(5), 4).kind).toBe('bad');
});

test('brackets in strings are no nesting', () => {
  const frame: ClientFrame = { t: 'auth', r: 1, token: `\\"${'[{'.repeat(100)}` };
  expect(decodeClientFrame(encodeFrame(frame))).toEqual({ kind: 'frame', frame });
});

test('a client cannot smuggle chunks, roles, authors or ids in (HF-FRM-3)', () => {
  const smuggled = {
    chunks: [{ type: 'text-delta', id: '0', delta: 'x' }],
    c: [],
    d: { k: 'message' },
    message: {},
    by: { id: 'root', role: 'operator' },
    role: 'agent',
    author: 'root',
    attempt: 9,
    epoch: 'E9',
  };
  for (const frame of clientVectors.valid)
    expect(decodeClientFrame(JSON.stringify({ ...smuggled, ...frame }))).toEqual({
      kind: 'frame',
      frame,
    });
  const named = clientVectors.valid.flatMap((frame) => Object.keys(frame));
  expect(named.filter((member) => member in smuggled)).toEqual([]);
  expect(clientVectors.valid.filter((frame) => 'run' in frame).map(({ t }) => t)).toEqual([
    'cancel',
  ]);
});

test('an entry of an unknown kind and a chunk of an unknown kind come through as they are (HF-VER-3)', () => {
  const frame: ServerFrame = {
    t: 'entry',
    s: 's1',
    p: '1-1',
    i: '2-2',
    d: { k: 'chunks', run: 'r1', attempt: 1, c: [{ type: 'hologram', x: { y: [null] } }] },
  };
  expect(outcomeOfServer(encodeFrame(frame))).toEqual({ kind: 'frame', frame });
});

test('the frames in the traces of PROTOCOL.md are frames', () => {
  const lines = [...section(16).matchAll(/([CS])> (\{[^…\n]*?\})(?= {2}|\n)/g)];
  expect(lines.length).toBeGreaterThan(8);
  for (const [, side, text] of lines) {
    const decoded = side === 'C' ? decodeClientFrame(text) : outcomeOfServer(text);
    expect(decoded, text).toMatchObject({ kind: 'frame' });
  }
});

test('an acknowledgement is the same however its text is written, and checked as all frames are', () => {
  const frame: ClientFrame = { t: 'ack', s: 's1', i: '7-12' };
  for (const text of [
    '{"t":"ack","s":"s1","i":"7-12"}',
    '{ "t": "ack", "s": "s1", "i": "7-12" }',
    '{"i":"7-12","t":"ack","s":"s1"}',
    '{"t":"ack","s":"\\u00731","i":"7-12"}',
    '{"t":"ack","s":"s1","i":"7-12","more":1}',
  ])
    expect(decodeClientFrame(text)).toEqual({ kind: 'frame', frame });
  for (const [text, member] of [
    ['{"t":"ack","s":"a b","i":"7-12"}', 's'],
    ['{"t":"ack","s":"","i":"7-12"}', 's'],
    ['{"t":"ack","s":"s1","i":"7"}', 'i'],
    ['{"t":"ack","s":"s1","i":""}', 'i'],
  ])
    expect(decodeClientFrame(text)).toEqual({
      kind: 'bad',
      reason: `ack: member ${member} has the wrong form`,
    });
  expect(decodeClientFrame('{"t":"ack","s":"s1","i":"7-12"}}').kind).toBe('bad');
});
