import { describe, expect, it } from 'vitest';
import type { Entry } from '../src/entries.ts';
import type { SessionProjection } from '../src/projection/session-projection.ts';
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

const versionOf = (projection: SessionProjection, id: string): number => {
  const item = projection.item(id);
  return item?.kind === 'assistant' ? item.version : -1;
};

describe('messages and their order', () => {
  it('are those that were written, an edited one in its place and under its writer', () => {
    const projection = after(said('a'), said('b'), {
      k: 'message',
      message: { ...user('a'), parts: [] },
      by: { id: 'other', role: 'operator' },
      at: 0,
    });
    expect(idsOf(projection)).toEqual(['a', 'b']);
    expect(projection.item('a')).toMatchObject({ message: { parts: [] }, by: { id: 'other' } });
    expect(projection.size).toBe(2);
    expect(projection.last?.id).toBe('b');
  });

  it.each([
    ['no message', undefined],
    ['a text', 'hello'],
    ['a message without id', { role: 'user', parts: [] }],
    ['a message whose id is none', { id: 7, role: 'user', parts: [] }],
  ])('are none where an entry has %s', (_, message) => {
    expect(idsOf(after({ k: 'message', message, at: 0 } as unknown as Entry))).toEqual([]);
  });

  it('of entries of unknown kinds are none', () => {
    expect(
      idsOf(after(said('a'), { k: 'future', message: user('b') } as unknown as Entry)),
    ).toEqual(['a']);
  });
});

describe('HF-ENT-6: a truncation', () => {
  const session = [said('a'), start('r'), end('r'), said('b'), start('q'), end('q')];

  it.each([
    ['a', ['a'], []],
    ['m-r', ['a', 'm-r'], ['r']],
    ['b', ['a', 'm-r', 'b'], ['r']],
    ['m-q', ['a', 'm-r', 'b', 'm-q'], ['r', 'q']],
    [null, [], []],
    ['unknown', ['a', 'm-r', 'b', 'm-q'], ['r', 'q']],
  ])('behind %s leaves what is in front of it, with its runs', (id, left, runs) => {
    const projection = after(...session, cut(id));
    expect(idsOf(projection)).toEqual(left);
    expect(projection.runs.map(({ run }) => run)).toEqual(runs);
  });

  it('leaves a run that is live, whose chunks change nothing and whose end is told', () => {
    const projection = after(said('a'), start('r'), chunks('r', [text('x')]), cut('a'));
    expect(projection.liveRuns.map(({ run }) => run)).toEqual(['r']);
    projection.apply(chunks('r', [text('y')]));
    projection.apply(end('r', { outcome: 'stopped', reason: 'cut' }));
    expect(idsOf(projection)).toEqual(['a']);
    expect(projection.run('r')).toMatchObject({ state: 'stopped', reason: 'cut' });
  });

  it.each([
    ['was known', [said('a'), start('r'), chunks('r', [text('x')]), cut('a'), said('b')]],
    // The message is what is stored of a run: behind a checkpoint nobody has heard of it.
    ['was not known', [said('a'), said('b')]],
  ])(
    'is for good: where its run %s, another attempt does not bring the message back',
    (_, before) => {
      const projection = after(...before, start('r', { attempt: 2 }));
      projection.apply(chunks('r', [text('y')], 2));
      expect(idsOf(projection)).toEqual(['a', 'b']);
      expect(projection.run('r')).toMatchObject({ attempt: 2, state: 'running' });
      projection.apply(end('r', { attempt: 2, outcome: 'stopped' }));
      expect(idsOf(projection)).toEqual(['a', 'b']);
    },
  );
});

describe('HF-ENT-1: what a message is made of', () => {
  it('one segment for each run, answers of people where they came', () => {
    const projection = after(
      start('r'),
      chunks('r', [{ type: 'start' }, text('a')]),
      chunks('r', [text('b')]),
      end('r'),
      answer('m-r', { type: 'tool-output-available', toolCallId: 'c' }),
      answer('m-r', { type: 'tool-output-error', toolCallId: 'd' }),
      start('q', { messageId: 'm-r', continues: true }),
      chunks('q', [text('c')]),
      answer('m-r', { type: 'tool-output-available', toolCallId: 'e' }),
    );
    expect(segmentsOf(projection, 'm-r')).toEqual([
      ['r', [{ type: 'start' }, text('ab')], undefined],
      [
        null,
        [
          { type: 'tool-output-available', toolCallId: 'c' },
          { type: 'tool-output-error', toolCallId: 'd' },
        ],
        undefined,
      ],
      ['q', [text('c')], undefined],
      [null, [{ type: 'tool-output-available', toolCallId: 'e' }], undefined],
    ]);
    expect(chunksIn(projection, 'm-r')?.map(({ type }) => type)).toEqual([
      'start',
      'text-delta',
      'tool-output-available',
      'tool-output-error',
      'text-delta',
      'tool-output-available',
    ]);
  });

  it('only of what is a chunk, and of nothing where there is no list', () => {
    const projection = after(start('r'), chunks('r', [null, 'x', {}, { type: 1 }, text('a')]));
    projection.apply(chunks('r', 'no list' as never));
    expect(chunksIn(projection, 'm-r')).toEqual([text('a')]);
  });

  it('nothing of a run that is not known, of another attempt, or of a message that was written whole', () => {
    const projection = after(said('a'), start('r', { messageId: 'a' }), start('q'));
    projection.apply(chunks('r', [text('x')]));
    projection.apply(chunks('unknown', [text('x')]));
    projection.apply(chunks('q', [text('x')], 2));
    projection.apply(answer('a', text('x')));
    projection.apply(answer('nowhere', text('x')));
    expect(projection.item('a')).toMatchObject({ kind: 'message' });
    expect(chunksIn(projection, 'a')).toBeNull();
    expect(chunksIn(projection, 'nowhere')).toBeNull();
    expect(chunksIn(projection, 'm-q')).toEqual([]);
  });

  it('each change of it is counted, so that whoever has stored it knows', () => {
    const projection = after(start('r'));
    const changes: readonly Entry[] = [
      chunks('r', [text('a')]),
      { k: 'steer', run: 'r', message: user('s'), at: 0 },
      step('r', 'part', true),
      answer('m-r', { type: 'tool-output-available', toolCallId: 'c' }),
      end('r'),
      start('r', { attempt: 2 }),
    ];
    for (const change of changes) {
      const before = versionOf(projection, 'm-r');
      projection.apply(change);
      expect(versionOf(projection, 'm-r'), change.k).toBeGreaterThan(before);
    }
    const before = versionOf(projection, 'm-r');
    projection.apply(step('r', 'kept'));
    projection.apply(said('a'));
    expect(versionOf(projection, 'm-r')).toBe(before);
  });
});

it('HF-TEL-1: a run has the trace of its start, and one without a trace none', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { runs } = after(start('r1', { traceparent }), start('r2'));
  expect(runs[0]).toMatchObject({ run: 'r1', traceparent });
  expect(runs[1]).not.toHaveProperty('traceparent');
});

describe('HF-ENT-5: a later attempt', () => {
  it('takes the place of what the earlier one wrote, but not of other runs', () => {
    const projection = after(
      start('p'),
      chunks('p', [text('before')]),
      end('p'),
      start('r', { messageId: 'm-p', continues: true }),
      chunks('r', [text('first')]),
      start('r', { messageId: 'm-p', continues: true, attempt: 2 }),
      chunks('r', [text('late')], 1),
      chunks('r', [text('second')], 2),
    );
    expect(segmentsOf(projection, 'm-p')).toEqual([
      ['p', [text('before')], undefined],
      ['r', [text('second')], undefined],
    ]);
    expect(projection.run('r')?.attempt).toBe(2);
  });

  it('that is told of twice begins once', () => {
    const projection = after(
      start('r'),
      start('r', { attempt: 2 }),
      chunks('r', [text('a')], 2),
      start('r', { attempt: 2 }),
    );
    expect(chunksIn(projection, 'm-r')).toEqual([text('a')]);
  });

  it('keeps what was sealed, and nothing is merged into it', () => {
    const projection = after(
      start('r'),
      chunks('r', [text('kept')]),
      step('r', 'part', true),
      chunks('r', [text('gone')]),
      start('r', { attempt: 2 }),
      chunks('r', [text('new')], 2),
    );
    expect(segmentsOf(projection, 'm-r')).toEqual([['r', [text('kept'), text('new')], 1]]);
  });
});

describe('steps', () => {
  it('are known by run and name, a sealed part apart, until their run ends', () => {
    const projection = after(start('r'), start('q'), step('r', 'a'), step('q', 'p', true));
    expect(projection.steps.map(({ run, name, seals }) => [run, name, seals])).toEqual([
      ['r', 'a', undefined],
      ['q', 'p', true],
    ]);
    projection.apply(end('r'));
    expect(projection.steps.map(({ run }) => run)).toEqual(['q']);
  });
});

describe('HF-ENT-11: who writes a message', () => {
  it('is its agent, for the message of the run that it works for', () => {
    const projection = after(
      start('r'),
      start('q', { agent: 'helper', parent: 'r' }),
      start('n', { agent: 'next', messageId: 'm-q', continues: true }),
      start('o', { parent: 'unknown' }),
    );
    expect(projection.item('m-r')?.by).toEqual({ id: 'agent', role: 'agent' });
    // Whoever goes on does so for the same one.
    expect(projection.item('m-q')?.by).toEqual({ id: 'next', role: 'agent', parent: 'm-r' });
    expect(projection.item('m-o')?.by).toEqual({ id: 'agent', role: 'agent' });
    expect(projection.run('q')).toMatchObject({ parent: 'r' });
    expect(projection.run('r')).not.toHaveProperty('parent');
  });

  it('stays as it was where a run goes on in a message that was written whole', () => {
    const projection = after(said('a'), start('r', { messageId: 'a' }));
    expect(projection.item('a')?.by).toEqual({ id: 'u', role: 'user' });
  });

  it('is an operator from a handoff to the next', () => {
    const projection = after({ k: 'handoff', to: { id: 'o', role: 'operator' }, at: 0 });
    expect(projection.operator).toEqual({ id: 'o', role: 'operator' });
    projection.apply({ k: 'handoff', to: null, at: 0 });
    expect(projection.operator).toBeNull();
  });
});

it('a message that reached the model waits no longer, neither at its run nor in the queue', () => {
  const queued = { id: 'c', messages: [user('s')], run: 'r', at: 0 };
  const projection = after(
    start('r'),
    { k: 'steer', run: 'r', message: user('s'), at: 0 },
    { k: 'steer', run: 'unknown', message: user('s'), at: 0 },
    { k: 'queue', order: ['c'], add: queued, at: 0 },
  );
  expect(projection.queue).toEqual([queued]);
  expect(projection.run('r')?.steers).toMatchObject([{ id: 's', state: 'waiting' }]);
  projection.apply(chunks('r', [{ type: 'steering-message', id: 's' }]));
  expect(projection.queue).toEqual([]);
  expect(projection.run('r')?.steers).toMatchObject([{ id: 's', state: 'consumed' }]);
});
