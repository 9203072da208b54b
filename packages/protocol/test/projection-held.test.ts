import { describe, expect, it } from 'vitest';
import type { Chunk, Entry } from '../src/entries.ts';
import { isOpen } from '../src/projection/open.ts';
import {
  after,
  answer,
  chunks,
  chunksIn,
  cut,
  end,
  idsOf,
  said,
  segmentsOf,
  start,
  step,
  text,
  user,
} from './support/projected.ts';

describe('HF-ENT-7: a message is open', () => {
  const call: Chunk = { type: 'tool-input-available', toolCallId: 'c', toolName: 't', input: {} };
  const isOpenIn = (...entries: readonly Entry[]) => {
    const projection = after(...entries);
    const item = projection.item('m-r') ?? projection.item('a');
    return item ? isOpen(projection, item) : null;
  };

  it.each([
    ['while a run is live in it', true, [start('r')]],
    [
      'when a run came to a good end and left a call',
      true,
      [start('r'), chunks('r', [call]), end('r')],
    ],
    ['not when no call is left', false, [start('r'), chunks('r', [text('a')]), end('r')]],
    [
      'not when the run was stopped',
      false,
      [start('r'), chunks('r', [call]), end('r', { outcome: 'stopped' })],
    ],
    [
      'not when the call was answered',
      false,
      [
        start('r'),
        chunks('r', [call]),
        end('r'),
        answer('m-r', { type: 'tool-output-available', toolCallId: 'c' }),
      ],
    ],
    [
      'by what its last run left',
      false,
      [
        start('r'),
        chunks('r', [call]),
        end('r'),
        start('q', { messageId: 'm-r', continues: true }),
        end('q', { outcome: 'failed' }),
      ],
    ],
    ['never when a person wrote it', false, [said('a')]],
  ] as const)('%s', (_, expected, entries) => {
    expect(isOpenIn(...entries)).toBe(expected);
  });
});

describe('of a session that is held in part', () => {
  it.each([
    ['a truncation', cut('x'), 'x'],
    ['a truncation of all', cut(null), null],
    ['an answer', answer('x'), 'x'],
    ['a run that goes on', start('r', { messageId: 'x', continues: true }), 'x'],
    ['a run that begins', start('r', { messageId: 'x' }), null],
    ['a message', said('x'), null],
    ['what is held', cut('a'), null],
  ])('what %s needs is missed', (_, entry, missed) => {
    expect(after(said('a')).misses(entry)).toBe(missed);
  });

  it('older messages come in front, and those that are held stay as they are', () => {
    const projection = after(said('b'), start('r'), chunks('r', [text('live')]));
    projection.prepend([
      { id: 'a', message: user('a') },
      { id: 'b', message: { ...user('b'), parts: [] } },
      { id: 'm-r', segments: [] },
    ]);
    expect(idsOf(projection)).toEqual(['a', 'b', 'm-r']);
    expect(projection.item('b')).toMatchObject({ message: user('b') });
    expect(chunksIn(projection, 'm-r')).toEqual([text('live')]);
  });

  it('what is known of the runs of older messages comes in front, and does not change what is held', () => {
    const projection = after(said('b'), start('r'), end('r'));
    const older = { agent: 'agent', command: 'c', state: 'failed', attempt: 1 } as const;
    projection.prepend(
      [{ id: 'm-o', segments: [] }],
      [
        { ...older, run: 'o', messageId: 'm-o' },
        { ...older, run: 'r', messageId: 'm-r' },
      ],
    );
    expect(projection.runs.map(({ run, state }) => [run, state])).toEqual([
      ['o', 'failed'],
      ['r', 'finished'],
    ]);
  });

  it('what was noted of a stored message is kept', () => {
    const projection = after(said('b'));
    projection.prepend([{ id: 'a', message: user('a'), unfinished: true }]);
    expect(projection.item('a')).toMatchObject({ kind: 'message', unfinished: true });
  });

  it('what is loaded takes the place of all, with the attempts of its runs', () => {
    const projection = after(said('a'), start('old'), step('old', 's'), {
      k: 'handoff',
      to: { id: 'o', role: 'operator' },
      at: 0,
    });
    const run = { agent: 'agent', command: 'c', state: 'running', messageId: 'm' } as const;
    projection.load(
      [
        {
          id: 'm',
          segments: [
            { run: 'r', chunks: [text('kept'), text('gone')], sealed: 1 },
            { run: 'gone', chunks: [text('other')] },
            { run: null, chunks: [text('answer')] },
          ],
        },
      ],
      [{ ...run, run: 'r', attempt: 3 }],
    );
    expect(idsOf(projection)).toEqual(['m']);
    expect(projection.runs.map(({ run: id }) => id)).toEqual(['r']);
    expect([projection.operator, projection.steps, projection.queue]).toEqual([null, [], []]);
    projection.apply(chunks('r', [text(' and more')], 3));
    projection.apply(start('r', { messageId: 'm', continues: true, attempt: 4 }));
    expect(segmentsOf(projection, 'm')?.map(([, c]) => c)).toEqual([
      [text('kept')],
      [text('other')],
      [text('answer')],
      // Of what came behind that.
      [],
    ]);
  });

  it('what is settled takes no more, and its runs are forgotten with the oldest messages', () => {
    const projection = after(
      said('a'),
      start('r'),
      end('r'),
      start('q'),
      end('q'),
      start('l'),
      said('z'),
    );
    const whole = {
      kind: 'message',
      message: { id: 'm-r', role: 'assistant', parts: [] },
    } as const;
    projection.settle({ ...whole, id: 'm-r', by: { id: 'agent', role: 'agent' } });
    projection.settle({ ...whole, id: 'unknown' });
    expect(projection.item('unknown')).toBeUndefined();
    expect(projection.item('m-r')).toMatchObject({ kind: 'message', by: { id: 'agent' } });
    projection.forget(0);
    expect(projection.runs.map(({ run }) => run)).toEqual(['q', 'l']);
    projection.forget(2);
    expect(idsOf(projection)).toEqual(['m-q', 'm-l', 'z']);
    projection.forget(2);
    expect(idsOf(projection)).toEqual(['z']);
    expect(projection.runs.map(({ run }) => run)).toEqual(['l']);
    expect(projection.runsOf('m-l')).toHaveLength(1);
  });
});

describe('HF-ENT-5: a message that is held without the run that wrote into it', () => {
  it.each([
    [1, [text('a')]],
    [2, []],
  ])('is written anew by a second attempt, and gone on with by the first: %i', (attempt, left) => {
    const projection = after();
    projection.load([{ id: 'm-r', segments: [{ run: 'r', chunks: [text('a')] }] }], []);
    projection.apply(start('r', { attempt }));
    expect(chunksIn(projection, 'm-r')).toEqual(left);
  });
});

it.each([undefined, null, 'abc', 7, { type: 'start' }])(
  'HF-VER-3: chunks that are no list, such as %j, are none, and change nothing',
  (c) => {
    const projection = after(start('r'), chunks('r', [text('a')]));
    const version = () => {
      const item = projection.item('m-r');
      return item?.kind === 'assistant' && item.version;
    };
    const before = version();
    projection.apply(chunks('r', c as never));
    projection.apply({ k: 'answer', messageId: 'm-r', chunks: c, at: 0 } as unknown as Entry);
    expect(chunksIn(projection, 'm-r')).toEqual([text('a')]);
    expect(version()).toBe(before);
  },
);
