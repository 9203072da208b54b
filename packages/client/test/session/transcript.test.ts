import type { Chunk, RunInfo } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { createReader, type Interest, type Reader } from '../../src/session/reader.ts';
import { createTranscript } from '../../src/session/transcript.ts';

const start = (run: string, more: object = {}) => ({
  k: 'run-start',
  run,
  attempt: 1,
  agent: 'a',
  messageId: 'M',
  command: `c-${run}`,
  ...more,
});
const text = (delta: string): Chunk => ({ type: 'text-delta', id: 't', delta });
const output = (toolCallId: string): Chunk => ({
  type: 'tool-output-available',
  toolCallId,
  output: 1,
});
const chunks = (run: string, c: unknown, attempt = 1) => ({ k: 'chunks', run, attempt, c });
const end = (run: string, outcome = 'finished', more: object = {}) => ({
  k: 'run-end',
  run,
  attempt: 1,
  outcome,
  ...more,
});
const message = (id: string) => ({ k: 'message', message: { id, role: 'user', parts: [] } });
const answer = (...c: readonly Chunk[]) => ({ k: 'answer', messageId: 'M', chunks: c });
const infoOf = (run: string, state: RunInfo['state'] = 'running', more: object = {}): RunInfo => ({
  run,
  attempt: 1,
  agent: 'a',
  messageId: 'M',
  command: `c-${run}`,
  state,
  ...more,
});
const kept = (id: string) => ({ id, message: { id, role: 'user', parts: [] } });

function played({ isWatched = false } = {}) {
  const errors: unknown[] = [];
  const transcript = createTranscript(
    (error) => errors.push(error),
    () => isWatched,
  );
  const attach = (interest: Partial<Interest> = {}) => {
    const reader = createReader({ messageId: 'M', run: null, ...interest }, () => {});
    transcript.attach(reader);
    return reader;
  };
  const apply = (...entries: readonly object[]) => {
    for (const entry of entries) transcript.apply(entry as Record<string, unknown>);
  };
  return { transcript, attach, apply, errors };
}

/** All that a reader was given so far, and how it ended. */
async function read(reader: Reader): Promise<readonly unknown[]> {
  const got: unknown[] = [];
  const stream = reader.stream.getReader();
  for (;;) {
    const next = await Promise.race([
      stream.read().catch((error: Error) => ({ error })),
      new Promise<null>((resolve) => setImmediate(resolve, null)),
    ]);
    if (next === null) break;
    if ('error' in next) {
      got.push((next.error as { code?: string }).code ?? next.error.name);
      break;
    }
    if (next.done) {
      got.push('end');
      break;
    }
    got.push(next.value);
  }
  return got;
}

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
    ['u', []],
    ['M', ['M']],
    [null, []],
  ])('is cut where it stands behind %s', (after, left) => {
    const { attach, apply } = played();
    apply(message('u'), start('r'), start('q', { messageId: 'N' }));
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

  test('that is not higher, or comes late, changes nothing', () => {
    const { apply, transcript } = played();
    apply(start('r', { attempt: 2 }), chunks('r', [text('a')], 2));
    const [before] = transcript.allRuns();
    apply(start('r', { attempt: 2 }), start('r', { attempt: 1 }), end('r', 'lost'));
    expect(transcript.allRuns()[0]).toMatchObject({ attempt: 2, state: 'running' });
    expect(transcript.allRuns()[0]?.attempt).toBe(before?.attempt);
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
