import { AsyncLocalStorage } from 'node:async_hooks';
import { createMemoryLog } from '@holdfast/log';
import { describe, expect, it } from 'vitest';
import { type Handled, type Handler, type Reminders, Topic } from '../../src/upkeep/topic.ts';
import { BackgroundWorker } from '../../src/upkeep/worker.ts';
import { manualTime } from '../support/manual-time.ts';

function workerOn(time = manualTime()) {
  const reports: unknown[] = [];
  const worker = new BackgroundWorker({
    environment: time.environment,
    report: (error, where) => reports.push([(error as Error).message, where]),
  });
  return { worker, reports, time };
}

const turn = () => new Promise(setImmediate);

/** Work that ends when it is told to. */
function gated() {
  const gates: PromiseWithResolvers<void>[] = [];
  const pass = async () => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
  };
  return {
    pass,
    get begun() {
      return gates.length;
    },
    end: async () => {
      gates.at(-1)?.resolve();
      await turn();
    },
  };
}

describe('a background worker', () => {
  it('HF-RUN-26: does its work in a context that is nobody’s', async () => {
    const { worker, time } = workerOn();
    const user = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const look = () => seen.push(user.getStore());
    user.run('u', () => {
      void worker.track(look);
      worker.every(1_000, look);
      worker.after(1_000, look);
      time.pass(1_000);
    });
    await worker.close();
    expect(seen).toEqual([undefined, undefined, undefined]);
  });

  it('reports what fails, with whose it was, and goes on', async () => {
    const { worker, reports, time } = workerOn();
    const fail = (why: string) => () => {
      throw new Error(why);
    };
    await worker.track(fail('now'), { session: 's' });
    worker.after(5, fail('later'), { session: 't' });
    worker.every(10, fail('again'));
    time.pass(20);
    await worker.close();
    expect(reports).toEqual([
      ['now', { session: 's' }],
      ['later', { session: 't' }],
      ['again', {}],
      ['again', {}],
    ]);
  });

  it('waits for what is under way when it closes, and leaves no timer behind', async () => {
    const { worker, time } = workerOn();
    const { pass, end } = gated();
    let isClosed = false;
    void worker.track(pass);
    worker.every(1_000, pass);
    worker.after(2_000, pass);
    expect(time.timers).toBe(2);
    const closed = worker.close().then(() => {
      isClosed = true;
    });
    expect(time.timers).toBe(0);
    await turn();
    expect(isClosed).toBe(false);
    await end();
    await closed;
    worker.every(1_000, pass);
    worker.after(1_000, pass);
    expect(time.timers).toBe(0);
  });

  it('has a timer no longer that went off, or was cancelled', () => {
    const { worker, time } = workerOn();
    let times = 0;
    const count = () => times++;
    worker.after(10, count);
    const cancelled = worker.after(10, count);
    const every = worker.every(10, count);
    cancelled();
    time.pass(20);
    expect(times).toBe(3);
    every();
    expect(time.timers).toBe(0);
  });
});

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
