import { describe, expect, it } from 'vitest';
import { isRecord, parseJson } from '../src/json.ts';

describe('HF-FRM-1: the depth of JSON is bounded', () => {
  it.each([
    ['as deep as may be', '[{"a":[1]}]', 3],
    ['wide and shallow', `[${'[[]],{"a":{}},'.repeat(50)}0]`, 3],
    ['of brackets in texts', '["[[[[{{{{", {"[[[": "]"}]', 2],
    ['of quotes and backslashes in texts', '["\\"[[[[", "\\\\", []]', 2],
    ['none', '7', 0],
  ])('%s', (_, text, depth) => {
    expect(parseJson(text, depth)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  it.each([
    ['one too deep', '[{"a":[1]}]', 2],
    ['too deep behind what was shallow', '[[],[],[[]]]', 2],
    ['too deep behind a text that ends with a backslash', '["\\\\", [[]]]', 2],
    ['an object where nothing may be', '{}', 0],
    ['too deep and cut off', '[[[', 2],
  ])('%s is refused', (_, text, depth) => {
    expect(parseJson(text, depth)).toEqual({ ok: false, fault: 'too-deep' });
  });

  it.each(['', '[', ']', '{"a":1', '"a', '[1]]', 'undefined'])('what is none: %s', (text) => {
    expect(parseJson(text, 9)).toEqual({ ok: false, fault: 'not-json' });
  });
});

it.each([
  [{}, true],
  [[], false],
  [null, false],
  ['text', false],
  [undefined, false],
])('%j is a record: %s', (value, expected) => {
  expect(isRecord(value)).toBe(expected);
});
