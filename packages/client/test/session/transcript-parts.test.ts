import type { Chunk } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { chunks, end, infoOf, message, played, read, start, text } from '../support/transcript.ts';

const call: Chunk = {
  type: 'tool-input-available',
  toolCallId: 'c',
  toolName: 'ask',
  input: { q: 1 },
};
const output: Chunk = { type: 'tool-output-available', toolCallId: 'c', output: 1 };
const kept = (id: string) => ({ id, message: { id, role: 'user', parts: [] } });
const written = (id: string, run: string, ...c: readonly Chunk[]) => ({
  id,
  segments: [{ run, chunks: c }],
});

describe('HF-FOLD-1: calls that are settled are not made again', () => {
  const types = async (reader: Parameters<typeof read>[0]) =>
    (await read(reader)).map((each) => (each as Chunk).type ?? each);

  test('where a message is replayed, and what comes then is told as it is', async () => {
    const { attach, apply } = played();
    apply(start('r'), chunks('r', [call, output]));
    const reader = attach();
    apply(chunks('r', [{ ...call, toolCallId: 'd' }]));
    expect(await types(reader)).toEqual([
      'tool-input-start',
      'tool-input-delta',
      'tool-output-available',
      'tool-output-available',
      'tool-input-available',
    ]);
  });

  test('where a run is read, or goes on, they are told as they came', async () => {
    const { attach, apply, transcript } = played();
    apply(start('r'), chunks('r', [text('a')]));
    const whole = attach();
    transcript.load({
      items: [written('M', 'r', text('a'), call, output)],
      runs: [infoOf('r')],
      through: '9-1',
    });
    const came = [call.type, output.type];
    expect(await types(whole)).toEqual(['text-delta', ...came]);
    expect(await types(attach({ run: 'r' }))).toEqual(['text-delta', ...came]);
  });
});

describe('HF-ENT-1: answers right before a run that was not seen yet', () => {
  const answer = { k: 'answer', messageId: 'M', chunks: [output] };

  test('reach who wants them with the run, and nobody twice', async () => {
    const { attach, apply } = played();
    apply(start('p'), chunks('p', [call]));
    const all = attach();
    const [withAnswers, own] = [true, false].map((answers) =>
      attach({ run: 'r', after: 'E:7-1', answers }),
    );
    apply(answer, end('p'), start('r'), chunks('r', [text('a')]));
    apply(end('r'));
    expect(await read(all)).toEqual([call, output, 'end']);
    if (!withAnswers || !own) throw new Error('no reader');
    expect(await read(withAnswers)).toEqual([output, text('a'), 'end']);
    expect(await read(own)).toEqual([text('a'), 'end']);
  });

  test('and who reads the message is told of another run in it, and of nothing twice', async () => {
    const { attach, apply } = played();
    apply(start('p'), chunks('p', [text('a')]));
    const all = attach();
    apply(start('r'), end('p'), chunks('r', [text('b')]), end('r'));
    expect(await read(all)).toEqual([text('a'), text('b'), 'end']);
  });
});

describe('HF-ENT-5: what a further attempt begins with', () => {
  const seal = { k: 'step', run: 'r', name: 's', seals: true };

  test('is what was sealed, and no step besides seals', async () => {
    const { attach, apply } = played();
    apply(start('r'), chunks('r', [text('a')]), { ...seal, seals: undefined });
    apply(start('r', { attempt: 2 }));
    expect(await read(attach())).toEqual([]);
  });

  test('is what it was sent, but for what is sealed', () => {
    const consumed = (id: string): Chunk => ({ type: 'steering-message', id });
    const { apply, transcript } = played();
    const steer = (id: string) => ({
      k: 'steer',
      run: 'r',
      message: { id, role: 'user', parts: [] },
    });
    const states = () => transcript.allRuns()[0]?.steers?.map(({ id, state }) => `${id} ${state}`);
    apply(start('r'), steer('s'), steer('t'), chunks('r', [consumed('s')]), seal);
    apply(chunks('r', [consumed('t')]));
    expect(states()).toEqual(['s consumed', 't consumed']);
    apply(start('r', { attempt: 2 }));
    expect(states()).toEqual(['s consumed', 't waiting']);
    // Its message may be gone meanwhile.
    apply({ k: 'truncate', after: null }, seal, start('r', { attempt: 3 }));
    expect(transcript.liveRuns()).toEqual([]);
  });
});

test('awaited are runs that were not seen, by those who still want them', () => {
  const { attach, apply, transcript } = played();
  apply(start('r'));
  attach();
  attach({ run: 'r' });
  attach({ run: 'gone' });
  const awaited = attach({ run: 'to come', after: 'E:7-1' });
  attach({ run: 'stopped', after: 'E:7-1' }).abort();
  expect(transcript.awaited()).toEqual([awaited]);
});

describe('a snapshot begins anew', () => {
  test('with its own messages: one that was known before is whole when it is written again', () => {
    const { apply, transcript } = played();
    apply(start('r'), end('r'));
    transcript.load({ items: [], through: '9-1' });
    apply(start('q'));
    expect(transcript.isWhole()).toBe(true);
  });

  test('with the whole of what was known in part', () => {
    const { apply, transcript } = played();
    transcript.load({ items: [kept('M')], through: '8-1' });
    apply(start('r'));
    expect(transcript.isWhole()).toBe(false);
    transcript.load({ items: [written('M', 'r')], runs: [infoOf('r')], through: '9-1' });
    expect(transcript.isWhole()).toBe(true);
  });

  test('with the runs of messages that it has, and without what nobody needs', async () => {
    const { attach, transcript } = played();
    transcript.load({
      items: [written('M', 'r', text('a')), kept('u')],
      runs: [infoOf('r', 'finished'), infoOf('q', 'running', { messageId: 'gone' })],
      through: '9-1',
    });
    expect(transcript.allRuns().map(({ run }) => run)).toEqual(['q']);
    expect(transcript.liveRuns()).toEqual([]);
    expect(await read(attach())).toEqual(['conflict']);
  });

  test('and what it has not said of a run is told behind it, once', async () => {
    const { attach, apply, transcript } = played();
    apply(message('u'), start('r'), chunks('r', [text('abc')]));
    const reader = attach({ run: 'r' });
    transcript.load({
      items: [written('M', 'r', text('ab'))],
      runs: [infoOf('r')],
      through: '9-1',
    });
    apply(chunks('r', [text('c')]), chunks('r', [text('d')]), chunks('r', [text('e')]), end('r'));
    expect(await read(reader)).toEqual([text('abc'), text('d'), text('e'), 'end']);
  });
});
