import type { SessionLog } from '@holdfast/log';
import type { Chunk } from '@holdfast/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { type ReplySource, replyChunks } from '../../src/http/reply-stream.ts';
import { LosingLog } from '../support/failover.ts';
import { userMessage } from '../support/server.ts';

const session = 's';
let nonce = 0;
const note = (entry: object) => ({ nonce: ++nonce, body: JSON.stringify({ at: 0, ...entry }) });
const start = { k: 'run-start', run: 'r', attempt: 1, agent: 'a', messageId: 'm', command: 'c' };
const text = (delta: string): Chunk => ({ type: 'text-delta', id: 't', delta });
const opening: readonly Chunk[] = [{ type: 'start' }, { type: 'text-start', id: 't' }];

/** A run that writes what it is told to, and a stream of it. */
async function running() {
  const { log } = new LosingLog();
  await log.send(session, {
    command: 'c',
    entries: [note({ k: 'message', message: userMessage('u', 'u') }), note(start)],
    run: { run: 'r', info: '{}', leaseMs: 60_000, stopped: note({}) },
  });
  let seq = 0;
  const append = (entry: object, end = false) =>
    log.append(session, {
      run: 'r',
      attempt: 1,
      seq: ++seq,
      entry: note(entry),
      ...(end ? { end: { outcome: 'finished' as const } } : {}),
    });
  const say = (...c: readonly unknown[]) => append({ k: 'chunks', run: 'r', attempt: 1, c });
  const end = () => append({ k: 'run-end', run: 'r', attempt: 1, outcome: 'finished' }, true);
  const core = createCore({ log, authorize: () => ({ id: 'u' }), onError: () => {} });
  onTestFinished(() => core.close());
  const { hub } = await core.hubs.acquire(session);
  const follow = async (more: Partial<ReplySource> = {}) => {
    const { epoch, id } = await hub.handed();
    const got: unknown[] = [];
    const stop = new AbortController();
    const fill = async (chunk: Chunk) => chunk;
    const at = { run: 'r', messageId: 'm', from: { epoch, id }, seen: [] };
    const source = { log, hub, fill, ...at, ...more };
    const done = (async () => {
      for await (const chunk of replyChunks(source, stop.signal)) got.push(chunk);
    })().then(
      () => got.push('end'),
      (error: { code: string }) => got.push(error.code),
    );
    return { got, done, stop };
  };
  return { log, hub, say, end, follow };
}

/** Stores all that there is, and drops the entries. */
async function drop(log: SessionLog, hub: Awaited<ReturnType<typeof running>>['hub']) {
  const stored = await hub.checkpoint();
  if (typeof stored !== 'object') throw new Error(stored);
  const { epoch, id, count, keep } = stored;
  const command = { epoch, from: id, through: id, count, keep, changes: [], trim: id };
  expect(await log.checkpoint(session, command)).toBe('done');
}

describe('the stream of a run', () => {
  it('has its chunks as they come, to its end, and nothing of others', async () => {
    const { log, say, end, follow } = await running();
    await say(...opening, text('a'));
    const { got, done } = await follow();
    await vi.waitFor(() => expect(got).toHaveLength(3));
    const other = { k: 'chunks', run: 'other', attempt: 1, c: [text('x')] };
    await log.send(session, { command: 'o', entries: [note(other)] });
    await log.send(session, { command: 'p', entries: [note({ k: 'run-end', run: 'other' })] });
    await say(text('b'));
    // An entry that nobody can read is passed over.
    await say(null, 'no chunk');
    await end();
    await done;
    expect(got).toEqual([...opening, text('a'), text('b'), 'end']);
  });

  it('has more than one read gives', async () => {
    const { say, end, follow } = await running();
    await say(...opening);
    for (let at = 0; at < 450; at++) await say(text(`${at} `));
    await end();
    const { got, done } = await follow();
    await done;
    expect(got).toHaveLength(453);
    expect(got.at(-2)).toEqual(text('449 '));
  });

  it('begins with the folded message where its position does not hold', async () => {
    const { hub, say, end, follow } = await running();
    await say(...opening, text('a'));
    const { got, done } = await follow({ from: { epoch: (await hub.handed()).epoch, id: '1-9' } });
    await vi.waitFor(() => expect(got).toHaveLength(3));
    await say(text('b'));
    await vi.waitFor(() => expect(got).toHaveLength(4));
    await end();
    await done;
    expect(got).toEqual([...opening, text('a'), text('b'), 'end']);
  });

  it.each([
    ['to the end of one that is over', true],
    ['and then with what comes', false],
  ])('has what was dropped before it was read, %s', async (_, isOver) => {
    const { log, hub, say, end, follow } = await running();
    const { epoch, id } = await hub.handed();
    await say(...opening, text('ab'));
    if (isOver) await end();
    await drop(log, hub);
    const seen = [...opening, text('a')];
    const { got, done } = await follow({ seen, from: { epoch, id } });
    await vi.waitFor(() => expect(got).toHaveLength(isOver ? 2 : 1));
    if (!isOver) {
      await say(text('c'));
      await end();
    }
    await done;
    expect(got).toEqual([text('b'), ...(isOver ? [] : [text('c')]), 'end']);
  });

  it.each([
    ['was cut off', { k: 'truncate', after: 'u' }],
    ['is another one now', { k: 'message', message: userMessage('m', 'm') }],
  ])('is refused when its message %s', async (_, change) => {
    const { log, hub, say, follow } = await running();
    const from = await hub.handed();
    await say(...opening, text('ab'));
    await log.send(session, { command: 'x', entries: [note(change)] });
    await drop(log, hub);
    const { got, done } = await follow({ seen: opening, from });
    await done;
    expect(got).toEqual(['conflict']);
  });

  it('is refused when it has streamed what the log does not have', async () => {
    const { log, hub, say, follow } = await running();
    const from = await hub.handed();
    await say(...opening, text('ab'));
    await drop(log, hub);
    const { got, done } = await follow({ seen: [...opening, text('x')], from });
    await done;
    expect(got).toEqual(['conflict']);
  });

  it.each([
    ['is refused where it has had what is taken back', 'said'],
    ['goes on behind what stays', 'sealed'],
    ['has what it says where nothing was said before', 'silent'],
  ])('HF-ENT-5: behind another attempt it %s', async (_, how) => {
    const { log, say, follow } = await running();
    const first = how === 'silent' ? [] : [...opening, text('Hel'), { type: 'text-end', id: 't' }];
    if (first.length > 0) await say(...first);
    const { got, done } = await follow();
    await vi.waitFor(() => expect(got).toHaveLength(first.length));
    const append = (attempt: number, seq: number, entry: object, end = {}) =>
      log.append(session, {
        ...{ run: 'r', attempt, seq, ...end },
        entry: note({ run: 'r', attempt, ...entry }),
      });
    if (how === 'sealed') await append(1, 2, { k: 'step', name: 'part', seals: true });
    const anew = [
      { type: 'start' },
      { type: 'text-start', id: 'u' },
      { ...text('Good.'), id: 'u' },
    ];
    await append(2, 0, { ...start, attempt: 2 });
    await append(2, 1, { k: 'chunks', c: anew });
    const outcome = 'finished' as const;
    await append(2, 2, { k: 'run-end', outcome }, { end: { outcome } });
    await done;
    expect(got).toEqual(how === 'said' ? [...first, 'conflict'] : [...first, ...anew, 'end']);
  });

  it('ends when the session is deleted, or its reader goes, and is heard of no more', async () => {
    const { log, say, follow } = await running();
    await say(...opening);
    const gone = await follow();
    const left = await follow();
    await vi.waitFor(() => expect([gone.got.length, left.got.length]).toEqual([2, 2]));
    left.stop.abort();
    await left.done;
    await log.delete(session);
    await gone.done;
    expect(gone.got).toEqual([...opening, 'end']);
    expect(left.got).toEqual([...opening, 'end']);
  });
});
