import { createMemoryLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { retryUnavailable } from '../../src/retry-unavailable.ts';
import { LosingLog } from '../support/failover.ts';
import { changed } from '../support/logs.ts';
import {
  say,
  session,
  standing,
  start,
  startOf,
  unavailable,
  word,
  wordsOf,
  writerOn,
} from '../support/writing.ts';

describe('the writer gives up', () => {
  it('what it does not hold any more: its buffer is bounded', async () => {
    const losing = new LosingLog();
    await start(losing.log);
    const bytes = JSON.stringify(word('a')).length;
    const { writer } = writerOn(losing.log, {
      limits: { retryForMs: 10_000, runBufferBytes: 2 * bytes },
    });
    const back = losing.replica(session);
    await say(writer, 'ab');
    back();
    // Two are just what it holds.
    expect(writer.tail.bytes).toBe(2 * bytes);
    await say(writer, 'c');
    expect(writer.tail.bytes).toBe(2 * bytes);
    expect(wordsOf(losing)).toBe('abc');
    back();
    expect(await writer.write(word('d'))).toBe('fenced');
    expect(wordsOf(losing)).toBe('');
  });

  it('but for its newest entry, however large, which is sent again', async () => {
    const losing = new LosingLog();
    await start(losing.log);
    const { writer } = writerOn(losing.log, { limits: { retryForMs: 10_000, runBufferBytes: 1 } });
    await say(writer, 'a');
    const back = losing.replica(session);
    await say(writer, 'b');
    back();
    await say(writer, 'c');
    expect(wordsOf(losing)).toBe('abc');
  });

  it.each([
    ['fenced', 'fenced'],
    ['closed', 'fenced'],
    ['full', 'full'],
  ] as const)('a run that the log says is %s', async (kind, outcome) => {
    const { writer, events } = writerOn(
      changed(createMemoryLog(), { append: async () => ({ kind }) }),
    );
    expect(await writer.write(word('a'))).toBe(outcome);
    expect(events).toEqual([]);
  });

  it('when the log asks for the same again and again', async () => {
    let asked = 0;
    const log = changed(createMemoryLog(), {
      append: async (_, { seq }) => {
        if (seq === 1 && asked > 0) return { kind: 'appended', cancelled: false };
        if (seq === 1 || asked++ > 10) return { kind: 'appended', cancelled: false };
        return { kind: 'gap', expected: 1 };
      },
    });
    const { writer } = writerOn(log);
    await say(writer, 'a');
    expect(await writer.write(word('b'))).toBe('fenced');
    expect(asked).toBe(6);
  });

  it('when the start cannot be had again', async () => {
    let asked = 0;
    const log = changed(createMemoryLog(), {
      append: async () => {
        asked++;
        return { kind: 'unknown' };
      },
    });
    const { writer } = writerOn(log, { restart: async () => false });
    expect(await writer.write(word('a'))).toBe('fenced');
    expect(asked).toBe(1);
  });

  it('when the log does not know a start that was written again', async () => {
    let restarts = 0;
    const log = changed(createMemoryLog(), { append: async () => ({ kind: 'unknown' }) });
    const { writer } = writerOn(log, { restart: async () => ++restarts > 0 });
    expect(await writer.write(word('a'))).toBe('fenced');
    expect(restarts).toBe(5);
  });

  it('when what was lost is refused when it is sent again', async () => {
    let isLost = false;
    const seqs: number[] = [];
    const log = changed(createMemoryLog(), {
      append: async (_, { seq }) => {
        seqs.push(seq);
        if (!isLost) return { kind: 'appended', cancelled: false };
        return seq === 3 ? { kind: 'gap', expected: 1 } : { kind: 'fenced' };
      },
    });
    const { writer } = writerOn(log);
    await say(writer, 'ab');
    isLost = true;
    expect(await writer.write(word('c'))).toBe('fenced');
    expect(seqs).toEqual([1, 2, 3, 1]);
  });
});

it('HF-RUN-12: a later attempt numbers its entries from its start on', async () => {
  const seqs: number[] = [];
  const log = changed(createMemoryLog(), {
    append: async (_, { seq, attempt }) => {
      seqs.push(attempt, seq);
      return { kind: 'appended', cancelled: false };
    },
  });
  const { writer } = writerOn(log, { attempt: 2 });
  await writer.write(startOf(2));
  await writer.write(word('a'));
  expect(seqs).toEqual([2, 0, 2, 1]);
});

it('an entry that no log takes rejects, and the next one has its number', async () => {
  const seqs: number[] = [];
  const log = changed(createMemoryLog(), {
    append: async (_, { seq, entry }) => {
      seqs.push(seq);
      if (entry.body.includes('large')) throw new HoldfastError('too_large', 'unable to append: x');
      return { kind: 'appended', cancelled: false };
    },
  });
  const { writer, events } = writerOn(log);
  await expect(writer.write(word('large'))).rejects.toMatchObject({ code: 'too_large' });
  expect(events).toEqual([]);
  await say(writer, 'a');
  expect(seqs).toEqual([1, 1]);
});

describe('HF-LOG-4: an unknown outcome', () => {
  it('is repeated after 20 ms, doubling to a second, until patience has passed', async () => {
    const environment = standing();
    let asked = 0;
    const away = async () => {
      asked++;
      throw unavailable();
    };
    await expect(retryUnavailable(away, 4_260, environment)).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(environment.waits).toEqual([20, 40, 80, 160, 320, 640, 1_000, 1_000, 1_000]);
    expect(asked).toBe(10);
  });

  it('counts from the first failure, and is over when an answer comes', async () => {
    const environment = standing();
    await environment.wait(100_000);
    let left = 3;
    const answer = await retryUnavailable(
      async () => {
        if (left-- > 0) throw unavailable();
        return 'here';
      },
      140,
      environment,
    );
    expect(answer).toBe('here');
    expect(environment.waits.slice(1)).toEqual([20, 40, 80]);
  });

  it.each([
    new Error('a bug'),
    new HoldfastError('internal', 'unable to append: broken'),
    new HoldfastError('too_large', 'unable to append: x'),
  ])('is not what %s is', async (error) => {
    const environment = standing();
    const fail = async () => {
      throw error;
    };
    await expect(retryUnavailable(fail, 10_000, environment)).rejects.toBe(error);
    expect(environment.waits).toEqual([]);
  });

  it('makes a writer give up when the log stays away, so that another may take over', async () => {
    const log = changed(createMemoryLog(), {
      append: async () => {
        throw unavailable();
      },
    });
    const { writer, environment } = writerOn(log);
    expect(await writer.write(word('a'))).toBe('fenced');
    expect(environment.waits.reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(10_000);
  });

  it('is no reason to give up when the store is at fault', async () => {
    const log = changed(createMemoryLog(), {
      append: async () => {
        throw new HoldfastError('internal', 'unable to append: broken');
      },
    });
    await expect(writerOn(log).writer.write(word('a'))).rejects.toMatchObject({ code: 'internal' });
  });
});
