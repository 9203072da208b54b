import { describe, expect, it } from 'vitest';
import type { Chunk } from '../src/entries.ts';
import { callKey, callsOf } from '../src/projection/calls.ts';

const call = (toolCallId: string, more: object = {}): Chunk => ({
  type: 'tool-input-available',
  toolCallId,
  toolName: 'ask',
  input: {},
  ...more,
});
const openOf = (...chunks: Chunk[]) => [...callsOf(chunks).open];
const allOf = (...chunks: Chunk[]) => [...callsOf(chunks).all];

describe('a call', () => {
  it('is open until its output comes', () => {
    expect(openOf(call('c'))).toEqual([callKey('call', 'c')]);
    for (const type of ['tool-output-available', 'tool-output-error', 'tool-output-denied'])
      expect(openOf(call('c'), { type, toolCallId: 'c' })).toEqual([]);
  });

  it('stays open behind a preliminary output', () => {
    const preliminary = { type: 'tool-output-available', toolCallId: 'c', preliminary: true };
    expect(openOf(call('c'), preliminary)).toEqual([callKey('call', 'c')]);
  });

  it('is known and settled when the provider executes it', () => {
    expect(openOf(call('c', { providerExecuted: true }))).toEqual([]);
    expect(allOf(call('c', { providerExecuted: true }))).toEqual([callKey('call', 'c')]);
  });

  it('is settled when it is told again as one that the provider executes', () => {
    expect(openOf(call('c'), call('c', { providerExecuted: true }))).toEqual([]);
  });

  it('is known and settled when its tool does not take the input', () => {
    const refused = { type: 'tool-input-error', toolCallId: 'c', errorText: 'no' };
    expect(openOf(refused)).toEqual([]);
    expect(allOf(refused)).toEqual([callKey('call', 'c')]);
  });

  it('is not confused with an approval of the same id', () => {
    const request = { type: 'tool-approval-request', approvalId: 'c', toolCallId: 'd' };
    expect(openOf(request, call('c'), { type: 'tool-output-error', toolCallId: 'c' })).toEqual([
      callKey('approval', 'c'),
    ]);
  });
});

describe('an approval', () => {
  const request = { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c' };

  it('is open until somebody responds', () => {
    expect(openOf(request)).toEqual([callKey('approval', 'a')]);
    expect(openOf(request, { type: 'tool-approval-response', approvalId: 'a' })).toEqual([]);
  });
});
