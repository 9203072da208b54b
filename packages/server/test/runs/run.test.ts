import { HoldfastError } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import { answer, gatedAgent, replying, saying } from '../support/gated-agent.ts';
import { chunksOf, textOf, watch } from '../support/watched-run.ts';

it('HF-RUN-3, HF-ENT-2: writes one start under the server\u2019s message id and one end', async () => {
  await using watched = watch();
  await watched.start(
    replying({ type: 'start', messageId: 'forged' }, ...answer('Hello').slice(1)),
  );
  expect(await watched.ended()).toMatchObject({ outcome: 'finished' });
  const entries = await watched.entries();
  const start = entries.find((entry) => entry.k === 'run-start');
  const starts = chunksOf(entries).filter((chunk) => chunk.type === 'start');
  expect(starts).toEqual([
    { type: 'start', messageId: start?.k === 'run-start' && start.messageId },
  ]);
  expect(entries.filter((entry) => entry.k === 'run-end')).toHaveLength(1);
});

it('gives a stream without a start one', async () => {
  await using watched = watch();
  await watched.start(replying(...answer('Hello').slice(1)));
  await watched.ended();
  expect(chunksOf(await watched.entries())[0]).toMatchObject({ type: 'start' });
});

it('HF-ENT-3: passes on chunks of kinds that nobody knows', async () => {
  const future = { type: 'from-the-future', nested: { deep: [1, null, 'x'] } };
  await using watched = watch();
  await watched.start(replying({ type: 'start' }, future as unknown as UIMessageChunk));
  await watched.ended();
  expect(chunksOf(await watched.entries())[1]).toEqual(future);
});

it('HF-RUN-5: an agent that throws gets an error chunk for users and ends failed', async () => {
  const secret = new Error('key sk-123 is wrong');
  const onError = vi.fn();
  await using watched = watch(undefined, { onError });
  const gated = gatedAgent();
  await watched.start(gated.agent);
  gated.emit(...answer('Hel').slice(0, 4));
  gated.fail(secret);
  expect(await watched.ended()).toMatchObject({ outcome: 'failed' });
  const entries = await watched.entries();
  expect(chunksOf(entries).at(-1)).toEqual({ type: 'error', errorText: 'An error occurred.' });
  expect(JSON.stringify(entries)).not.toContain('sk-123');
  expect(onError).toHaveBeenCalledWith(secret, expect.objectContaining({ session: 's1' }));
});

it.each<[string, ...UIMessageChunk[]]>([
  ['words', { type: 'text-delta', id: 't', delta: ' behind' }, { type: 'text-end', id: 't' }],
  ['an end', { type: 'finish', messageMetadata: { tokens: 1 } }],
  ['another error', { type: 'error', errorText: 'Once more.' }],
  ['a call', { type: 'tool-input-available', toolCallId: 'c', toolName: 'ask', input: {} }],
])('HF-RUN-5: what an agent writes behind its error is not logged: %s', async (_, ...behind) => {
  await using watched = watch();
  const before = answer('Hel').slice(0, 4);
  const error: UIMessageChunk = { type: 'error', errorText: 'Out of words.' };
  await watched.start(replying(...before, error, ...behind));
  expect(await watched.ended()).toMatchObject({ outcome: 'failed' });
  expect(chunksOf(await watched.entries()).at(-1)).toEqual(error);
});

it.each([
  [
    'throws at once',
    () => {
      throw new Error('no');
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('no');
    },
  ],
  ['returns nothing', () => undefined],
])('HF-RUN-5: an agent that %s ends failed', async (_, agent) => {
  await using watched = watch(undefined, { errorText: () => 'Sorry.' });
  await watched.start(agent);
  expect(await watched.ended()).toMatchObject({ outcome: 'failed' });
  expect(chunksOf(await watched.entries())).toEqual([{ type: 'error', errorText: 'Sorry.' }]);
});

it('HF-RUN-8: groups what arrives during an append, joins its deltas, and has one in flight', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const gated = gatedAgent();
  await using watched = watch((_, count) => (count === 1 ? held : undefined));
  await watched.start(gated.agent);
  const words = [...'The quick brown fox'];
  const deltas = words.map((delta): UIMessageChunk => ({ type: 'text-delta', id: 't', delta }));
  gated.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  await vi.waitFor(() => expect(gated.pending).toBe(0));
  // Neither shows anything, so they wait for the first chunk that does, which goes at once.
  expect(watched.appends).toHaveLength(0);
  gated.emit(...deltas.slice(0, 1));
  await vi.waitFor(() => expect(watched.appends).toHaveLength(1));
  gated.emit(...deltas.slice(1));
  await vi.waitFor(() => expect(gated.pending).toBe(0));
  release();
  gated.end();
  await watched.ended();
  expect(watched.inFlight()).toBe(1);
  expect(textOf(await watched.entries())).toBe(words.join(''));
  // 18 deltas came while one append was held up; they are one chunk of one entry.
  const entries = (await watched.entries()).filter((entry) => entry.k === 'chunks');
  expect(entries.map((entry) => entry.c.map((chunk) => chunk.type))).toEqual([
    ['start', 'text-start', 'text-delta'],
    ['text-delta'],
  ]);
});

it('HF-RUN-8: what an agent says at once is one entry', async () => {
  await using watched = watch();
  await watched.start(saying('The quick brown fox'));
  await watched.ended();
  const entries = (await watched.entries()).filter((entry) => entry.k === 'chunks');
  expect(entries.map((entry) => entry.c.map((chunk) => chunk.type))).toEqual([
    ['start', 'text-start', 'text-delta', 'text-end', 'finish'],
  ]);
  expect(textOf(entries)).toBe('The quick brown fox');
});

it('what shows nothing is written all the same when nothing follows it', async () => {
  await using watched = watch();
  await watched.start(replying({ type: 'start' }, { type: 'text-start', id: 't' }));
  await watched.ended();
  expect(chunksOf(await watched.entries()).map((chunk) => chunk.type)).toEqual([
    'start',
    'text-start',
  ]);
});

it('HF-LOG-4: repeats an append whose outcome is unknown, without writing it twice', async () => {
  const lost = new Set<number>([2, 3, 5]);
  await using watched = watch(undefined, {
    after: (count) => {
      if (lost.delete(count)) throw new HoldfastError('unavailable', 'unable to append: no answer');
    },
  });
  await watched.start(replying(...answer('Hello, world')));
  expect(await watched.ended()).toMatchObject({ outcome: 'finished' });
  expect(textOf(await watched.entries())).toBe('Hello, world');
});

it('HF-RUN-9: stops reading its model while the log is away, and goes on when it is back', async () => {
  let back = () => {};
  const away = new Promise<void>((resolve) => {
    back = resolve;
  });
  const runBufferBytes = 10_000;
  await using watched = watch((_, count) => (count === 2 ? away : undefined), {
    limits: { runBufferBytes },
  });
  let produced = 0;
  await watched.start(() =>
    (async function* () {
      yield* answer('').slice(0, 2);
      for (; produced < 500; produced++) {
        yield { type: 'text-delta', id: 't', delta: 'x'.repeat(100) };
        // A model's tokens come over a network: each leaves room for other work.
        await new Promise(setImmediate);
      }
    })(),
  );
  await vi.waitFor(() => expect(produced).toBeGreaterThan(10));
  const stalled = await vi.waitFor(async () => {
    const before = produced;
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect(produced).toBe(before);
    return before;
  });
  expect(stalled * 200).toBeLessThan(2 * runBufferBytes);
  back();
  await watched.ended();
  expect(textOf(await watched.entries())).toHaveLength(50_000);
});

it('HF-RUN-12: a writer whose run was ended as lost stops its model and writes nothing more', async () => {
  const gated = gatedAgent();
  const onError = vi.fn();
  await using watched = watch(undefined, { onError, limits: { leaseMs: 1 } });
  const run = await watched.start(gated.agent);
  gated.emit(...answer('Hello').slice(0, 4));
  await vi.waitFor(async () => expect(textOf(await watched.entries())).toBe('He'));
  const end = { k: 'run-end', run, attempt: 1, outcome: 'lost', at: 0 };
  await vi.waitFor(async () => {
    await watched.log.suspect('s1', { run, attempt: 1, graceMs: 0 });
    expect(
      (await watched.log.reap('s1', {
        run,
        attempt: 1,
        entry: { nonce: 7, body: JSON.stringify(end) },
      })) || (await watched.entries()).some((entry) => entry.k === 'run-end'),
    ).toBe(true);
  });
  gated.emit(...answer('Hello').slice(4));
  await vi.waitFor(() => expect(gated.calls[0]?.signal.aborted).toBe(true));
  const entries = await watched.entries();
  expect(entries.at(-1)).toEqual(end);
  expect(textOf(entries)).toBe('He');
  expect(onError).toHaveBeenCalledWith(
    expect.objectContaining({ code: 'conflict' }),
    expect.objectContaining({ run }),
  );
});
