import { createMemoryLog } from '@holdfast/log';
import { describe, expect, it } from 'vitest';
import { type Handled, type Handler, type Reminders, Topic } from '../../src/upkeep/topic.ts';
import { gated, turn, workerOn } from '../support/background.ts';

describe('a topic', () => {
  const topicOn = (handle: Handler['handle'], more: Partial<Handler> = {}) => {
    const { worker, reports } = workerOn();
    return { topic: new Topic(worker, { handle, tries: 1, ...more }), worker, reports };
  };

  it('handles a session once at a time, and once more for all who asked meanwhile', async () => {
    const handled: string[] = [];
    const work = gated();
    const { topic } = topicOn(async (session) => {
      handled.push(session);
      await work.pass();
      return 'done';
    });
    const first = topic.begin('s');
    const [second, third] = [topic.begin('s'), topic.begin('s')];
    let isSecond = false;
    void second.then(() => {
      isSecond = true;
    });
    expect(handled).toEqual(['s']);
    await work.end();
    await first;
    expect(isSecond).toBe(false);
    expect(handled).toEqual(['s', 's']);
    await work.end();
    await Promise.all([second, third]);
    await turn();
    expect(handled).toEqual(['s', 's']);
    void topic.begin('s');
    expect(handled).toHaveLength(3);
    await work.end();
  });

  it('handles sessions beside each other', () => {
    const { pass } = gated();
    const handled: string[] = [];
    const { topic } = topicOn(async (session) => {
      handled.push(session);
      await pass();
      return 'done';
    });
    void topic.begin('a');
    void topic.begin('b');
    expect(handled).toEqual(['a', 'b']);
  });

  it.each([1, 3])(
    'repeats at once what others came in between of, %d times at most',
    async (tries) => {
      let calls = 0;
      const { topic } = topicOn(
        async () => {
          calls++;
          return 'again';
        },
        { tries },
      );
      await topic.begin('s');
      expect(calls).toBe(tries);
    },
  );

  it('goes on where a pass has failed', async () => {
    let calls = 0;
    const { topic, reports } = topicOn(async () => {
      if (++calls === 1) throw new Error('away');
      return 'done';
    });
    const [first, second] = [topic.begin('s'), topic.begin('s')];
    await Promise.all([first, second]);
    await topic.begin('s');
    expect(calls).toBe(3);
    expect(reports).toEqual([['away', { session: 's' }]]);
  });

  it('ends what it was asked for when its worker closes, and takes no more', async () => {
    const work = gated();
    const { topic, worker } = topicOn(async () => {
      await work.pass();
      return 'done';
    });
    void topic.begin('s');
    void topic.begin('s');
    const closed = worker.close();
    await topic.begin('s');
    await topic.begin('t');
    await work.end();
    expect(work.begun).toBe(2);
    await work.end();
    await closed;
    expect(work.begun).toBe(2);
  });

  it('has nobody to visit where it makes no notes', async () => {
    const handled: string[] = [];
    const { topic } = topicOn(async (session) => {
      handled.push(session);
      return 'done';
    });
    await topic.begin('s');
    await expect(topic.visit()).resolves.toBeUndefined();
    expect(handled).toEqual(['s']);
  });

  /** A topic with notes in a log, whose time goes on by itself as far as it is told to. */
  function reminded(handle: Handler['handle'], more: Partial<Reminders> = {}) {
    let now = 0;
    const log = createMemoryLog({ now: () => now });
    const calls: string[] = [];
    const spied: Reminders['log'] = {
      remind: (...given) => {
        calls.push('remind');
        return log.remind(...given);
      },
      due: (...given) => log.due(...given),
      dismiss: (reminder) => {
        calls.push('dismiss');
        return log.dismiss(reminder);
      },
    };
    const reminders: Reminders = { log: spied, topic: 'hooks', claimMs: 100, ...more };
    const made = topicOn(
      (session) => {
        calls.push(session);
        return handle(session);
      },
      { reminders },
    );
    const left = async () => {
      now += 1_000_000;
      return (await log.due('hooks', 9, 0)).map(({ session }) => session);
    };
    return { ...made, log, calls, left };
  }

  it('makes its note before a session is handled, and takes it away when nothing is left', async () => {
    const { topic, calls, left } = reminded(async () => 'done', { remindMs: 10 });
    await topic.begin('s');
    expect(calls).toEqual(['remind', 's', 'dismiss']);
    expect(await left()).toEqual([]);
  });

  it('keeps its note for a pass that was asked for meanwhile', async () => {
    const work = gated();
    const { topic, calls } = reminded(
      async () => {
        await work.pass();
        return 'done';
      },
      { remindMs: 10 },
    );
    const begun = [topic.begin('s'), topic.begin('s')];
    await turn();
    await work.end();
    await work.end();
    await Promise.all(begun);
    expect(calls).toEqual(['remind', 's', 's', 'dismiss']);
  });

  it.each<[string, () => Promise<Handled>]>([
    ['something is left', async () => 'left'],
    ['others came in between again and again', async () => 'again'],
    [
      'it failed',
      async () => {
        throw new Error('away');
      },
    ],
  ])('leaves its note where %s', async (_, handle) => {
    const { topic, left } = reminded(handle, { remindMs: 10 });
    await topic.begin('s');
    expect(await left()).toEqual(['s']);
  });

  it('visits sessions whose time has come, but for one that is being handled', async () => {
    const work = gated();
    const { topic, log, calls, left } = reminded(async (session) => {
      if (session === 'busy') await work.pass();
      return session === 'b' ? 'left' : 'done';
    });
    for (const session of ['a', 'b', 'busy']) await log.remind('hooks', session, 0);
    void topic.begin('busy');
    await topic.visit();
    expect(calls).toEqual(['busy', 'a', 'dismiss', 'b']);
    await work.end();
    // Nobody has given that pass a note to take away.
    expect(await left()).toEqual(['b', 'busy']);
  });
});
