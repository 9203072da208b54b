import type { SessionLog } from '@holdfast/log';
import type { Entry } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { LosingLog } from '../support/failover.ts';
import { changed } from '../support/logs.ts';
import {
  note,
  run,
  say,
  session,
  start,
  unavailable,
  wordsOf,
  writerOn,
} from '../support/writing.ts';

const end: Entry = { k: 'run-end', run, attempt: 1, messageId: 'm', outcome: 'finished', at: 0 };

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

  it.each([
    ['a', 'b'],
    ['abc', 'd'],
  ])(
    'with the start and %s, one entry behind another, and what comes behind them last',
    async (lost, next) => {
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
      await say(writer, lost);
      forgetAll(losing.log);
      sent.length = 0;
      await say(writer, next);
      const seq = lost.length + 1;
      expect(sent).toEqual([seq, ...Array.from(lost, (_, at) => at + 1), seq]);
      expect(most).toBe(1);
      expect(wordsOf(losing)).toBe(lost + next);
    },
  );

  it('with the start alone, when nothing else was written yet', async () => {
    const { losing, writer, events } = await writing();
    forgetAll(losing.log);
    await say(writer, 'a');
    expect(events[0]).toBe('restart');
    expect(wordsOf(losing)).toBe('a');
  });

  it.each([
    ['its start, and then what was written again behind it', 2],
    ['its start three times', 3],
  ])('when it loses that again while it is written: %s', async (_, times) => {
    let left = 0;
    const { losing, writer, events } = await writing((log) =>
      changed(log, {
        append: async (id, command) => {
          // Behind the first word that is sent again.
          if (command.seq === 2 && left > 0) {
            left--;
            forgetAll(log);
          }
          return await log.append(id, command);
        },
      }),
    );
    await say(writer, 'abc');
    forgetAll(losing.log);
    left = times - 1;
    await say(writer, 'd');
    expect(events.filter((event) => event === 'restart')).toHaveLength(times);
    expect(wordsOf(losing)).toBe('abcd');
  });

  it('when a second failover comes while it makes up for the first one', async () => {
    let back = () => {};
    const { losing, writer } = await writing((log) =>
      changed(log, {
        append: async (id, command) => {
          const outcome = await log.append(id, command);
          if (command.seq === 3 && outcome.kind === 'appended') {
            back();
            back = () => {};
          }
          return outcome;
        },
      }),
    );
    await say(writer, 'a');
    const replica = losing.replica(session);
    await say(writer, 'bcd');
    back = replica;
    replica();
    await say(writer, 'e');
    expect(wordsOf(losing)).toBe('abcde');
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
    expect(await writer.tail.mend()).toBe(true);
    expect([wordsOf(losing), endsOf(losing)]).toEqual(['ab', 1]);
    expect(await writer.tail.mend()).toBe(false);
    expect([wordsOf(losing), endsOf(losing)]).toEqual(['ab', 1]);
  });

  it('writes nothing where nothing was lost, or the run as a whole', async () => {
    const { losing, writer } = await ended('a', 'b');
    expect(await writer.tail.mend()).toBe(false);
    expect([wordsOf(losing), endsOf(losing)]).toEqual(['ab', 1]);
    forgetAll(losing.log);
    expect(await writer.tail.mend()).toBe(false);
    expect(losing.entries(session)).toEqual([]);
  });

  it('knows that it has ended, and what it holds', async () => {
    const { writer, events } = await writing();
    await say(writer, 'ab');
    const held = events.reduce((sum, bytes) => sum + Number(bytes), 0);
    expect([writer.hasEnded, writer.tail.bytes]).toEqual([false, held]);
    await writer.write(end, { outcome: 'finished' });
    expect(writer.hasEnded).toBe(true);
    expect(events.at(-1)).toBe(`${JSON.stringify(end).length}`);
    expect(writer.tail.bytes).toBe(held + JSON.stringify(end).length);
  });

  it('has nothing to write again that wrote nothing', async () => {
    const { losing, writer } = await writing();
    expect(writer.hasEnded).toBe(false);
    const before = losing.entries(session);
    expect(await writer.tail.mend()).toBe(false);
    expect(losing.entries(session)).toEqual(before);
  });
});
