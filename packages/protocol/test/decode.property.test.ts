import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { decodeClientFrame, encodeFrame } from '../src/decode.ts';
import { parseJson } from '../src/json.ts';
import { anyText } from './support/any-text.ts';
import { outcomeOfServer } from './support/outcomes.ts';
import { clientVectors, serverVectors } from './support/vectors.ts';

// Many runs on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

const hostile = fc.constantFrom(
  '\0',
  '\ud800',
  '\\u0000',
  '\\ud800',
  '"__proto__":',
  '1e400',
  '-0',
  '[',
  '{',
  '"',
  '\\',
  '}',
);

/** A valid frame's text with pieces cut out, put in or replaced. */
const mutated = (frames: readonly object[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...frames).map((frame) => JSON.stringify(frame)),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.oneof(hostile, fc.string())), {
        maxLength: 4,
      }),
    )
    .map(([text, edits]) =>
      edits.reduce((now, [at, drop, put]) => {
        const from = at % (now.length + 1);
        return now.slice(0, from) + put + now.slice(from + drop);
      }, text),
    );

/** A valid frame with one member of any form. */
const bent = (frames: readonly object[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...frames), fc.nat(), fc.jsonValue()).map(([frame, at, value]) => {
    const members = Object.keys(frame);
    return JSON.stringify({ ...frame, [members[at % members.length] as string]: value });
  });

const sides = [
  { side: 'client', decode: decodeClientFrame, frames: clientVectors.valid },
  { side: 'server', decode: outcomeOfServer, frames: serverVectors.valid },
] as const;

describe.each(sides)('decoding what a $side sent', ({ decode, frames }) => {
  const input = fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, withTypedArray: true }),
    anyText,
    fc.json(),
    mutated(frames),
    bent(frames),
  );

  /** All words that a reason may have: none of them comes from the input. */
  const types = new Set(frames.map(({ t }) => t as string));
  const members = new Set([...frames.flatMap((frame) => Object.keys(frame)), 'token']);
  const fixed = [
    'frames are text',
    'frame is not JSON',
    'frame is nested too deep',
    'frame has no type',
    'not a frame',
    'cancel: name either run or command',
  ];
  const isKnown = (reason: string): boolean => {
    const [, type, member] = /^(\w+): member (\w+) has the wrong form$/.exec(reason) ?? [];
    return fixed.includes(reason) || (types.has(type ?? '') && members.has(member ?? ''));
  };

  test('gives one of three outcomes for any input, with a reason that does not repeat it (HF-FRM-1)', () => {
    fc.assert(
      fc.property(input, (value) => {
        const decoded = decode(value);
        expect(['frame', 'unknown', 'bad']).toContain(decoded.kind);
        if (decoded.kind === 'bad') expect(decoded.reason).toSatisfy(isKnown);
        if (decoded.kind === 'unknown') expect(types).not.toContain(decoded.type);
      }),
      { numRuns: 3_000 },
    );
  });

  test('gives a frame that is the same after encoding and decoding', () => {
    fc.assert(
      fc.property(fc.oneof(mutated(frames), bent(frames)), (text) => {
        const decoded = decode(text);
        fc.pre(decoded.kind === 'frame');
        // Texts are compared: JSON reads numbers that it cannot write, such as 1e400 and -0.
        const encoded = encodeFrame(decoded.frame);
        const again = decode(encoded);
        expect(again.kind === 'frame' && encodeFrame(again.frame)).toBe(encoded);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('parsing with a depth agrees with JSON.parse wherever the text is not too deep (HF-FRM-1)', () => {
  const text = fc.oneof(fc.json(), mutated(serverVectors.valid), anyText);
  fc.assert(
    fc.property(text, (json) => {
      const parsed = parseJson(json, 100);
      let whole: unknown;
      let isJson = true;
      try {
        whole = JSON.parse(json);
      } catch {
        isJson = false;
      }
      expect(parsed).toStrictEqual(
        isJson ? { ok: true, value: whole } : { ok: false, fault: 'not-json' },
      );
    }),
    { numRuns: 1_000 },
  );
});
