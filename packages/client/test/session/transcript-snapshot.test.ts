import { type Chunk, pieceLength } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { chunks, end, infoOf, message, played, read, start, text } from '../support/transcript.ts';

const kept = (id: string) => ({ id, message: { id, role: 'user', parts: [] } });

describe('a snapshot', () => {
  const segments = (run: string | null, ...c: readonly Chunk[]) => ({
    id: 'M',
    segments: [{ run, chunks: c }],
  });

  test('gives a reader what it has not seen', async () => {
    const { attach, apply, transcript } = played();
    apply(start('r'), chunks('r', [text('a')]));
    const reader = attach({ run: 'r' });
    transcript.load({
      items: [kept('u'), segments('r', text('abc'))],
      runs: [infoOf('r')],
      through: '9-1',
    });
    apply(chunks('r', [text('d')]), end('r'));
    expect(await read(reader)).toEqual([text('a'), text('bc'), text('d'), 'end']);
  });

  test('that is behind what was seen is waited for', async () => {
    const { attach, apply, transcript } = played();
    apply(start('r'), chunks('r', [text('abc')]));
    const reader = attach({ run: 'r' });
    transcript.load({ items: [segments('r', text('ab'))], runs: [infoOf('r')], through: '9-1' });
    transcript.load({ items: [segments('r', text('abc'))], runs: [infoOf('r')], through: '10-1' });
    apply(chunks('r', [text('d')]));
    expect(await read(reader)).toEqual([text('abc'), text('d')]);
  });

  test.each([
    ['finished', 'end'],
    ['stopped', 'AbortError'],
    ['lost', 'unavailable'],
  ] as const)('says how a run ended: %s', async (state, how) => {
    const { attach, apply, transcript } = played();
    apply(start('r'), chunks('r', [text('a')]));
    const reader = attach({ run: 'r' });
    transcript.load({
      items: [segments('r', text('ab'))],
      runs: [infoOf('r', state)],
      through: '9-1',
    });
    expect(await read(reader)).toEqual([text('a'), text('b'), how]);
  });

  test('without the message ends its readers, but for one whose run is to come', async () => {
    const { attach, apply, transcript } = played();
    apply(start('r'), chunks('r', [text('a')]));
    const reader = attach({ run: 'r' });
    apply(start('seen'), chunks('seen', [text('x')]));
    const seen = attach({ run: 'seen', after: 'E:7-1' });
    const toCome = attach({ run: 'q', after: 'E:7-1' });
    const past = attach({ run: 'p', after: 'E:6-1' });
    transcript.load({ items: [kept('u')], runs: [], through: '7-1' });
    expect(await read(reader)).toEqual([text('a'), 'conflict']);
    expect(toCome.isOpen).toBe(true);
    expect(await read(past)).toEqual(['conflict']);
    // Of what was shown already there is nothing to come.
    expect(await read(seen)).toEqual([text('x'), 'conflict']);
    apply(start('q', { messageId: 'N' }), chunks('q', [text('b')]), end('q'));
    expect(transcript.allRuns().map(({ run }) => run)).toEqual(['q']);
  });

  test('has runs that have said nothing yet, which then speak', async () => {
    const { attach, apply, transcript } = played();
    transcript.load({
      items: [{ id: 'M', segments: [] }],
      runs: [infoOf('p', 'stopped'), infoOf('r')],
      through: '9-1',
    });
    const reader = attach();
    apply(chunks('r', [text('a')]), chunks('p', [text('late')]), end('r'));
    expect(await read(reader)).toEqual([text('a'), 'end']);
  });

  test('takes the place of all that was known', () => {
    const { apply, transcript } = played();
    apply(message('u'), start('r'), { k: 'handoff', to: { id: 'o', role: 'operator' } });
    apply({ k: 'queue', order: ['c'], add: { id: 'c', messages: [], at: 0 } });
    expect(transcript.operator).toEqual({ id: 'o', role: 'operator' });
    expect(transcript.queue).toHaveLength(1);
    transcript.load({ items: [], runs: [], through: '9-1' });
    expect([transcript.operator, transcript.queue, transcript.allRuns()]).toEqual([null, [], []]);
  });

  test('that has neither a run nor its message is one of a message that was cut off, and stays so (HF-ENT-6)', () => {
    const { apply, transcript } = played();
    transcript.load({ items: [kept('u')], runs: [], through: '9-1' });
    apply(start('r', { attempt: 2 }), chunks('r', [text('a')], 2));
    expect(transcript.liveRuns()).toEqual([]);
    apply(end('r', 'finished', { attempt: 2 }));
    expect(transcript.allRuns()).toEqual([]);
  });

  test('of messages whose beginning it does not have is no whole', () => {
    const { apply, transcript } = played();
    transcript.load({ items: [kept('M')], runs: [], through: '9-1' });
    expect(transcript.isWhole()).toBe(true);
    apply(start('r'));
    expect(transcript.isWhole()).toBe(false);
    apply(end('r'));
    expect(transcript.isWhole()).toBe(true);
  });
});

describe('what is kept', () => {
  test('of runs are the live ones, and those of the last message', () => {
    const { apply, transcript } = played();
    const ids = () => transcript.allRuns().map(({ run }) => run);
    apply(start('r'), end('r'), message('u'));
    expect(ids()).toEqual([]);
    apply(start('q', { messageId: 'N' }), message('v'));
    expect(ids()).toEqual(['q']);
    apply(end('q'));
    expect(ids()).toEqual([]);
    apply(start('l', { messageId: 'L' }), end('l', 'failed', { reason: 'attempts' }));
    expect(transcript.allRuns()).toMatchObject([{ run: 'l', state: 'failed', reason: 'attempts' }]);
    expect(transcript.liveRuns()).toEqual([]);
  });

  test('is what is being read, until it is not', async () => {
    const { apply, attach, transcript } = played();
    apply(start('r'), chunks('r', [text('a')]));
    const reader = attach();
    apply(end('r'), message('u'));
    expect(transcript.allRuns()).toHaveLength(1);
    expect(await read(attach())).toEqual([text('a'), 'end']);
    transcript.detach(reader);
    for (const each of [...transcript.readers]) transcript.detach(each);
    expect(transcript.allRuns()).toEqual([]);
    expect(await read(attach())).toEqual(['conflict']);
  });

  test('of long texts is all that came, where anybody is told of the session (HF-CLI-9)', async () => {
    for (const isWatched of [true, false]) {
      const { apply, attach, transcript } = played({ isWatched });
      const piece = 'x'.repeat(pieceLength);
      const texts = () =>
        [...(transcript.held() ?? [])].map(([id, segments]) => [
          id,
          segments.flatMap(({ fold }) => fold.chunks.map(({ delta }) => String(delta).length)),
        ]);
      apply(start('r'), chunks('r', [text(piece)]), chunks('r', [text('and more')]), end('r'));
      apply(start('q', { messageId: 'N' }), chunks('q', [text('short')]), end('q'), message('u'));
      expect(texts()).toEqual(isWatched ? [['M', [pieceLength, 8]]] : []);
      // Nothing else is kept of it.
      expect([transcript.allRuns(), transcript.liveRuns()]).toEqual([[], []]);
      if (!isWatched) expect(await read(attach())).toEqual(['conflict']);
      apply({ k: 'truncate', after: null });
      expect(texts()).toEqual([]);
    }
  });

  test('a message to a run is told until it has reached the model', () => {
    const { apply, transcript } = played();
    const steer = { k: 'steer', run: 'r', message: { id: 's', role: 'user', parts: [] } };
    apply(start('r'), steer, { ...steer, run: 'unknown' });
    apply({
      k: 'queue',
      order: ['c'],
      add: { id: 'c', messages: [steer.message], run: 'r', at: 0 },
    });
    expect(transcript.allRuns()[0]?.steers).toMatchObject([{ id: 's', state: 'waiting' }]);
    apply(chunks('r', [{ type: 'steering-message', id: 's' }]));
    expect(transcript.allRuns()[0]?.steers).toMatchObject([{ id: 's', state: 'consumed' }]);
    expect(transcript.queue).toEqual([]);
  });
});
