import type { Chunk } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { chunks, end, infoOf, message, played, read, start, text } from '../support/transcript.ts';

const output = (toolCallId: string): Chunk => ({
  type: 'tool-output-available',
  toolCallId,
  output: 1,
});
const answer = (...c: readonly Chunk[]) => ({ k: 'answer', messageId: 'M', chunks: c });

describe('HF-ENT-6: a run of a message that was cut off', () => {
  test('changes nothing, whatever it says, and its readers end', async () => {
    const { transcript, attach, apply } = played();
    apply(message('u'), start('r'), chunks('r', [text('a')]));
    const reader = attach();
    const own = attach({ run: 'r', after: 'E:0-0' });
    apply({ k: 'truncate', after: 'u' });
    apply(chunks('r', [text('b')]), answer(output('c')), start('r', { attempt: 2 }));
    apply(chunks('r', [text('c')], 2));
    expect(transcript.liveRuns()).toEqual([]);
    expect(transcript.isWhole()).toBe(true);
    for (const each of [reader, own]) expect(await read(each)).toEqual([text('a'), 'AbortError']);
  });

  test.each([
    ['u', [message('u')], []],
    ['M', [message('u')], ['M']],
    [null, [message('u')], []],
    [null, [], []],
  ])('is cut where it stands behind %s', (after, first, left) => {
    const { attach, apply } = played();
    apply(...first, start('r'), start('q', { messageId: 'N' }));
    const readers = { M: attach(), N: attach({ messageId: 'N' }) };
    apply({ k: 'truncate', after });
    const open = Object.entries(readers).filter(([, { isOpen }]) => isOpen);
    expect(open.map(([id]) => id)).toEqual(left);
  });
});

const closed = { type: 'text-end', id: 't' };

describe('HF-ENT-1: answers stand in the message where they came', () => {
  test('between two runs, in one segment of their own', async () => {
    const { attach, apply } = played();
    apply(start('r'), chunks('r', [text('a'), closed]), end('r'));
    apply(answer(output('c')), answer(output('d')), start('q'), chunks('q', [text('b')]));
    const all = attach();
    const own = attach({ run: 'q' });
    const withAnswers = attach({ run: 'q', answers: true });
    const first = attach({ run: 'r', answers: true });
    apply(chunks('q', [text('!')]), end('q'));
    const seen = [text('a'), closed, output('c'), output('d'), text('b')];
    expect(await read(all)).toEqual([...seen, text('!'), 'end']);
    expect(await read(own)).toEqual([text('b'), text('!'), 'end']);
    expect(await read(withAnswers)).toEqual([...seen.slice(2), text('!'), 'end']);
    expect(await read(first)).toEqual([...seen.slice(0, 4), 'end']);
  });

  test('before the first run of a message, of which a snapshot tells', async () => {
    const { attach, apply, transcript } = played();
    const answered = { run: null, chunks: [output('c')] };
    const said = { run: 'q', chunks: [text('b')] };
    transcript.load({
      items: [{ id: 'M', segments: [answered, said] }],
      runs: [infoOf('q')],
      through: '9-1',
    });
    const own = attach({ run: 'q' });
    const withAnswers = attach({ run: 'q', answers: true });
    apply(end('q'));
    expect(await read(own)).toEqual([text('b'), 'end']);
    expect(await read(withAnswers)).toEqual([output('c'), text('b'), 'end']);
  });

  test('while it is read, they reach who reads the message and who reads a run', async () => {
    const { attach, apply } = played();
    apply(start('r'));
    const all = attach();
    const own = attach({ run: 'r' });
    apply(chunks('r', [text('a')]), answer(output('c')), end('r'));
    expect(await read(all)).toEqual([text('a'), output('c'), 'end']);
    expect(await read(own)).toEqual([text('a'), output('c'), 'end']);
  });

  test('to a message that is not known they say nothing', async () => {
    const { attach, apply } = played();
    apply({ k: 'answer', messageId: 'M', chunks: [output('c')] });
    apply(start('r'), chunks('r', [text('a')]), end('r'));
    expect(await read(attach())).toEqual([text('a'), 'end']);
  });
});

describe('HF-FOLD-3: transient chunks of a run that nobody reads yet', () => {
  const note = (at: number): Chunk => ({ type: 'data-note', data: at, transient: true });
  const notes = (count: number) => Array.from({ length: count }, (_, at) => note(at));

  test('are given once, to the first who reads it, and not without a chat that is told', async () => {
    for (const isWatched of [true, false]) {
      const { attach, apply } = played({ isWatched });
      apply(start('r'), chunks('r', [note(1), text('a'), note(2)]));
      const first = attach();
      const second = attach();
      apply(chunks('r', [note(3)]), end('r'));
      const missed = isWatched ? [note(1), note(2)] : [];
      expect(await read(first)).toEqual([text('a'), ...missed, note(3), 'end']);
      expect(await read(second)).toEqual([text('a'), note(3), 'end']);
    }
  });

  test('are those of the run that is read', async () => {
    const { attach, apply } = played({ isWatched: true });
    apply(start('r'), start('q'), chunks('r', [note(1)]), chunks('q', [note(2)]));
    const [q, r] = [attach({ run: 'q' }), attach({ run: 'r' })];
    expect(await read(q)).toEqual([note(2)]);
    expect(await read(r)).toEqual([note(1)]);
  });

  test('are kept up to 32, and of no run that began before', async () => {
    const { attach, apply, transcript } = played({ isWatched: true });
    apply(start('r'), chunks('r', notes(20)), chunks('r', notes(20)));
    expect(await read(attach())).toEqual([...notes(20), ...notes(12)]);
    transcript.load({
      items: [{ id: 'M', segments: [{ run: 'q', chunks: [text('a')] }] }],
      runs: [infoOf('q')],
      through: '9-1',
    });
    apply(chunks('q', [note(1)]));
    expect(await read(attach({ run: 'q' }))).toEqual([text('a')]);
  });

  test('are kept over a snapshot, and not beyond the end of the run', async () => {
    const { attach, apply, transcript } = played({ isWatched: true });
    apply(start('r'), start('q'), chunks('r', [note(1)]), chunks('q', [note(2)]), end('r'));
    transcript.load({
      items: [{ id: 'M', segments: [] }],
      runs: [infoOf('r', 'finished'), infoOf('q')],
      through: '9-1',
    });
    const reader = attach();
    apply(chunks('q', [text('a')]));
    expect(await read(reader)).toEqual([note(2), text('a')]);
  });
});

describe('HF-ENT-5: a later attempt', () => {
  test('says again what was said, and a reader gets only what is beyond', async () => {
    const { attach, apply } = played();
    apply(start('r'), chunks('r', [text('abc')]));
    const reader = attach({ run: 'r' });
    apply(start('r', { attempt: 2 }), chunks('r', [text('ab')], 2), chunks('r', [text('cd')], 2));
    apply(chunks('r', [text('late')], 1), end('r', 'finished', { attempt: 2 }));
    expect(await read(reader)).toEqual([text('abc'), text('d'), 'end']);
  });

  test('that says something else ends the stream, unless it is shown in another way', async () => {
    for (const isWatched of [false, true]) {
      const { attach, apply } = played({ isWatched });
      apply(start('r'), chunks('r', [text('abc')]));
      const reader = attach({ run: 'r' });
      apply(start('r', { attempt: 2 }), chunks('r', [text('x')], 2));
      expect(await read(reader)).toEqual([text('abc'), isWatched ? 'end' : 'conflict']);
    }
  });

  test('that ends before it has said as much ends the stream so', async () => {
    const { attach, apply } = played();
    apply(start('r'), chunks('r', [text('abc')]));
    const reader = attach({ run: 'r' });
    apply(start('r', { attempt: 2 }), chunks('r', [text('ab')], 2));
    apply(end('r', 'finished', { attempt: 2 }));
    expect(await read(reader)).toEqual([text('abc'), 'conflict']);
  });

  test('keeps what was sealed', async () => {
    const { attach, apply } = played();
    apply(start('r'), chunks('r', [text('kept')]), { k: 'step', run: 'r', name: 'p', seals: true });
    apply(chunks('r', [text('gone')]), start('r', { attempt: 2 }));
    apply({ k: 'step', run: 'r', name: 's' }, { k: 'step', run: 'other', name: 'p', seals: true });
    apply(chunks('r', [text('new')], 2));
    expect(await read(attach())).toEqual([text('keptnew')]);
  });

  test('the end of a run that is not known, or has ended, changes nothing', () => {
    const { apply, transcript } = played();
    apply(end('unknown'), start('r'), end('r', 'stopped'), end('r', 'finished'));
    apply(end('r', 'lost', { attempt: 9 }));
    expect(transcript.allRuns()).toMatchObject([{ run: 'r', state: 'stopped' }]);
  });

  test('that is not higher, or comes late, changes nothing', async () => {
    const { apply, attach, transcript } = played();
    apply(start('r'), start('r', { attempt: 2 }), chunks('r', [text('a')], 2));
    const [before] = transcript.allRuns();
    apply(start('r', { attempt: 2 }), start('r', { attempt: 1 }), end('r', 'lost'));
    expect(transcript.allRuns()).toEqual([before]);
    expect(before).toMatchObject({ attempt: 2, state: 'running' });
    expect(await read(attach())).toEqual([text('a')]);
  });
});

describe('how a stream ends', () => {
  test.each([
    ['finished', [text('a')], [text('a'), 'end']],
    ['stopped', [text('a')], [text('a'), 'AbortError']],
    ['lost', [text('a')], [text('a'), 'unavailable']],
    ['failed', [text('a')], [text('a'), 'unavailable']],
    ['failed', [{ type: 'error', errorText: 'x' }], [{ type: 'error', errorText: 'x' }, 'end']],
    [
      'lost',
      [{ type: 'error', errorText: 'x' }],
      [{ type: 'error', errorText: 'x' }, 'unavailable'],
    ],
  ] as const)('of a run that %s', async (outcome, c, expected) => {
    const { attach, apply } = played();
    apply(start('r'));
    const before = attach({ run: 'r' });
    apply(chunks('r', c), end('r', outcome));
    expect(await read(before)).toEqual(expected);
    expect(await read(attach({ run: 'r' }))).toEqual(expected);
  });

  test('of a whole message is that of the last run that writes into it', async () => {
    const { attach, apply } = played();
    apply(start('r'), start('q'));
    const reader = attach();
    apply(chunks('r', [text('a')]), end('r', 'stopped'));
    expect(reader.isOpen).toBe(true);
    apply(end('q'));
    expect(await read(reader)).toEqual([text('a'), 'end']);
  });

  describe('where an earlier run of the message said that it failed', () => {
    const failure = { type: 'error', errorText: 'x' };

    test('is told without that, and with what the last one says of itself', async () => {
      const { attach, apply } = played();
      apply(start('r'), chunks('r', [text('a'), closed, failure]), end('r', 'failed'));
      const first = attach({ run: 'r' });
      apply(start('q'), chunks('q', [text('b')]));
      const reader = attach();
      apply(chunks('q', [failure]), end('q', 'failed'));
      expect(await read(reader)).toEqual([text('a'), closed, text('b'), failure, 'end']);
      expect(await read(first)).toEqual([text('a'), closed, failure, 'end']);
      expect(await read(attach())).toEqual([text('a'), closed, text('b'), failure, 'end']);
    });

    test('is an error also where the last one fails without a word', async () => {
      const { attach, apply } = played();
      apply(start('r'), chunks('r', [failure]), end('r', 'failed'), start('q'));
      const reader = attach();
      apply(end('q', 'failed'));
      expect(await read(reader)).toEqual(['unavailable']);
    });
  });

  test('of what is not there is that it is gone', async () => {
    const { attach } = played();
    expect(await read(attach({ messageId: 'unknown' }))).toEqual(['conflict']);
  });

  test('of a run that was not seen yet is to come', async () => {
    const { attach, apply, transcript } = played();
    const reader = attach({ run: 'r', after: 'E:5-1' });
    expect(transcript.awaited()).toEqual([reader]);
    apply(start('r'), chunks('r', [text('a')]), end('r'));
    expect(transcript.awaited()).toEqual([]);
    expect(await read(reader)).toEqual([text('a'), 'end']);
    expect([...transcript.readers]).toEqual([reader]);
    transcript.detach(reader);
    expect([...transcript.readers]).toEqual([]);
  });
});

test('HF-VER-3: what is no chunk is reported and left out, and the rest is shown', async () => {
  const { attach, apply, errors } = played();
  apply(start('r'));
  const reader = attach();
  apply(chunks('r', [null, { type: 7 }, text('a')]), chunks('r', 'none'), { k: 'future' });
  apply(chunks('r', [text('b')]));
  expect(await read(reader)).toEqual([text('a'), text('b')]);
  expect(errors).toHaveLength(2);
});
