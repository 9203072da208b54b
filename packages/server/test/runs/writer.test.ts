import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { type Entry, HoldfastError } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { type Environment, systemEnvironment } from '../../src/environment.ts';
import { retryUnavailable } from '../../src/retry-unavailable.ts';
import { RunWriter, type WriterOptions } from '../../src/runs/writer.ts';
import { LosingLog } from '../support/failover.ts';
import { changed } from '../support/logs.ts';

const session = 's';
const run = 'r';

/** Time goes on only where somebody waits. */
function standing(): Environment & { readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
    now += ms;
  };
  return { ...systemEnvironment, now: () => now, wait, waits };
}

const note = (nonce: number, entry: object) => ({ nonce, body: JSON.stringify(entry) });
const startOf = (attempt: number): Entry =>
  ({ k: 'run-start', run, attempt, agent: 'a', messageId: 'm', command: 'c', at: 0 }) as Entry;
const word = (delta: string): Entry => ({
  k: 'chunks',
  run,
  attempt: 1,
  c: [{ type: 'text-delta', id: 't', delta }],
});
const end: Entry = { k: 'run-end', run, attempt: 1, messageId: 'm', outcome: 'finished', at: 0 };
const unavailable = () => new HoldfastError('unavailable', 'unable to reach the log: cut');

/** The run's start, as its send writes it. */
const start = (log: SessionLog) =>
  log.send(session, {
    command: 'c',
    entries: [note(1, startOf(1))],
    run: { run, info: '{}', leaseMs: 60_000, stopped: note(2, {}) },
  });

function writerOn(log: SessionLog, options: Partial<WriterOptions> = {}) {
  const events: string[] = [];
  const environment = standing();
  const writer = new RunWriter({
    log,
    session,
    run,
    attempt: 1,
    limits: { retryForMs: 10_000, runBufferBytes: 1_000_000 },
    environment,
    restart: async () => {
      events.push('restart');
      await start(log);
      return true;
    },
    onCancelled: () => events.push('cancelled'),
    onWritten: (bytes) => events.push(`${bytes}`),
    ...options,
  });
  return { writer, events, environment };
}

const wordsOf = (losing: LosingLog): string =>
  losing
    .entries(session)
    .flatMap(({ entry }) => (entry?.k === 'chunks' ? entry.c : []))
    .map(({ delta }) => delta)
    .join('');

const say = async (writer: RunWriter, words: string) => {
  for (const each of words) expect(await writer.write(word(each))).toBe('written');
};

/** A run that has begun in a log that can lose its end, and its writer, on what `through` makes of that log. */
async function writing(through = (log: SessionLog): SessionLog => log) {
  const losing = new LosingLog();
  await start(losing.log);
  return { losing, ...writerOn(through(losing.log)) };
}

describe('F7, HF-LOG-2: while the agent lives, what the log has lost is written again', () => {
  it.each([
    ['the last entry', 'abc', 'd', 'e'],
    ['several', 'a', 'bcd', 'e'],
    ['all but the start', '', 'abcd', 'e'],
  ])('%s', async (_, before, lost, next) => {
    const { losing, writer, events } = await writing();
    await say(writer, before);
    const back = losing.replica(session);
    await say(writer, lost);
    back();
    await say(writer, next);
    expect(wordsOf(losing)).toBe(before + lost + next);
    await say(writer, 'f');
    expect(wordsOf(losing)).toBe(`${before}${lost}${next}f`);
    // Told of once: what is sent again is nothing new.
    expect(events).toHaveLength(before.length + lost.length + 2);
  });

  it('twice in a row', async () => {
    const { losing, writer } = await writing();
    await say(writer, 'a');
    const back = losing.replica(session);
    await say(writer, 'b');
    back();
    await say(writer, 'c');
    back();
    await say(writer, 'd');
    expect(wordsOf(losing)).toBe('abcd');
  });

  it('with the start, which the send is repeated for', async () => {
    const { losing, writer, events } = await writing();
    await say(writer, 'ab');
    forgetAll(losing.log);
    await say(writer, 'c');
    expect(events).toContain('restart');
    expect(wordsOf(losing)).toBe('abc');
  });

  it('with the start, one entry behind another, and what comes behind them last', async () => {
    const sent: number[] = [];
    let [underWay, most] = [0, 0];
    const { losing, writer } = await writing((log) =>
      changed(log, {
        append: async (id, command) => {
          sent.push(command.seq);
          most = Math.max(most, ++underWay);
          await new Promise(setImmediate);
          underWay--;
          return await log.append(id, command);
        },
      }),
    );
    await say(writer, 'abc');
    forgetAll(losing.log);
    sent.length = 0;
    await say(writer, 'd');
    expect(sent).toEqual([4, 1, 2, 3, 4]);
    expect(most).toBe(1);
    expect(wordsOf(losing)).toBe('abcd');
  });

  it('with the start alone, when nothing else was written yet', async () => {
    const { losing, writer, events } = await writing();
    forgetAll(losing.log);
    await say(writer, 'a');
    expect(events[0]).toBe('restart');
    expect(wordsOf(losing)).toBe('a');
  });

  it('also when the entry that was lost, or the one behind it, ends the run', async () => {
    const { losing, writer } = await writing();
    await say(writer, 'a');
    const back = losing.replica(session);
    await say(writer, 'b');
    back();
    expect(await writer.write(end, { outcome: 'finished' })).toBe('written');
    expect(losing.entries(session).at(-1)?.entry).toMatchObject({ k: 'run-end' });
    expect((await losing.log.head(session))?.runs).toEqual([]);
    expect(wordsOf(losing)).toBe('ab');
  });

  it('F8: one that was answered and is repeated is written once, and a stop is heard of', async () => {
    let isCut = true;
    const { losing, writer, events } = await writing((log) =>
      changed(log, {
        append: async (...given) => {
          const outcome = await log.append(...given);
          if (!isCut) return outcome;
          isCut = false;
          throw unavailable();
        },
      }),
    );
    await losing.log.cancel(session, {
      target: { run },
      entry: () => note(9, { k: 'cancel', run, at: 0 }),
    });
    await say(writer, 'a');
    expect(wordsOf(losing)).toBe('a');
    expect(events[0]).toBe('cancelled');
  });
});

/** As a store that has lost its memory: it does not know either that the session was there. */
function forgetAll(log: SessionLog): void {
  const { sessions } = log as unknown as { readonly sessions: Map<string, unknown> };
  sessions.clear();
}

describe('HF-RUN-11: the writer of a run that has ended', () => {
  const ended = async (words: string, lost: string) => {
    const made = await writing();
    await say(made.writer, words);
    const back = made.losing.replica(session);
    await say(made.writer, lost);
    expect(await made.writer.write(end, { outcome: 'finished' })).toBe('written');
    return { ...made, back };
  };
  const endsOf = (losing: LosingLog) =>
    losing.entries(session).filter(({ entry }) => entry?.k === 'run-end').length;

  it.each([
    ['its end', 'ab', ''],
    ['its end and its last word', 'a', 'b'],
    ['all but its start', '', 'ab'],
  ])('writes again what was lost, and says so: %s', async (_, words, lost) => {
    const { losing, writer, back } = await ended(words, lost);
    back();
    expect(endsOf(losing)).toBe(0);
    expect(await writer.mend()).toBe(true);
    expect([wordsOf(losing), endsOf(losing)]).toEqual(['ab', 1]);
    expect(await writer.mend()).toBe(false);
    expect([wordsOf(losing), endsOf(losing)]).toEqual(['ab', 1]);
  });

  it('writes nothing where nothing was lost, or the run as a whole', async () => {
    const { losing, writer } = await ended('a', 'b');
    expect(await writer.mend()).toBe(false);
    expect([wordsOf(losing), endsOf(losing)]).toEqual(['ab', 1]);
    forgetAll(losing.log);
    expect(await writer.mend()).toBe(false);
    expect(losing.entries(session)).toEqual([]);
  });

  it('has nothing to write again that wrote nothing', async () => {
    const { losing, writer } = await writing();
    expect(writer.hasEnded).toBe(false);
    const before = losing.entries(session);
    expect(await writer.mend()).toBe(false);
    expect(losing.entries(session)).toEqual(before);
  });
});

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
    await say(writer, 'c');
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
        if (seq === 1 || asked++ > 5) return { kind: 'appended', cancelled: false };
        return { kind: 'gap', expected: 1 };
      },
    });
    const { writer } = writerOn(log);
    await say(writer, 'a');
    expect(await writer.write(word('b'))).toBe('fenced');
    expect(asked).toBe(2);
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
    expect(restarts).toBe(1);
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
