import { once } from 'node:events';
import { emit, fail, scriptedModel } from '@holdfast/testkit/scripted-model';
import { streamText, type UIMessage } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import type { AdoptedRun, Agent, HoldfastOptions } from '../../src/index.ts';
import { answer, replying, saying } from '../support/gated-agent.ts';
import { eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, echo, join, say, textOf } from '../support/talk.ts';

/** Says the beginning and then what the promise brings. */
const pausing =
  (text: string, after: Promise<unknown>): Agent =>
  ({ signal }) =>
    (async function* () {
      yield* answer(text).slice(0, 4);
      await Promise.race([after, once(signal, 'abort')]);
    })();

/** Says a letter, asks a client for something and breaks off. */
const breaking: Agent = () =>
  (async function* () {
    yield* answer('Oh').slice(0, 3);
    yield {
      type: 'tool-input-available',
      toolCallId: 'lost',
      toolName: 'locate',
      input: {},
    } as const;
    throw new Error('the model is away');
  })();

describe.each(eachStore())('a run of an engine, in %s', (_, makeLog) => {
  async function setUp(options: HoldfastOptions = {}) {
    const log = makeLog();
    const id = `s-${crypto.randomUUID()}`;
    const start = async () => {
      return await startOwnServer({ agent: echo, log, ...options });
    };
    const [one, two] = [await start(), await start()];
    const adopt = <T>(
      server: TestServer,
      use: (run: AdoptedRun) => Promise<T>,
      more: object = {},
    ): Promise<T> =>
      server.holdfast.session(id).adopt({ agent: 'planner', command: 'workflow 1', ...more }, use);
    const texts = async () => (await allPages(two, id)).map(textOf);
    const runs = async () => (await join(two, id)).runs ?? [];
    const stop = async () => {
      const [live] = await runs();
      return await postJson(`${two.api}/${id}/cancel`, { run: live?.run });
    };
    return { log, id, one, two, adopt, texts, runs, stop };
  }

  it('HF-RUN-20: goes on over several processes, as one message that is live in between', async () => {
    const { id, one, two, adopt, texts, runs } = await setUp();
    await say(one, id, 'hello');
    const client = await two.greet();
    client.send({ t: 'sub', r: 1, s: id });
    await client.next('live');
    const given: UIMessage[][] = [];
    const state = await adopt(one, (run) => run.write('plan', saying('Plan.')));
    expect(state).toBe('running');
    expect(await runs()).toMatchObject([{ agent: 'planner', state: 'running' }]);
    await adopt(two, async (run) => {
      await run.write('act', (context) => {
        given.push(context.messages);
        return saying('Act.')(context);
      });
      expect(await run.end()).toBe('finished');
    });
    expect(await texts()).toEqual(['hello', 're: hello', 'Plan.Act.']);
    // The second part's agent knows what the first one wrote.
    expect(given[0]?.map((message) => textOf(message as never))).toEqual([
      'hello',
      're: hello',
      'Plan.',
    ]);
    await client.until((frame) => frame.t === 'entry' && frame.d.k === 'run-end');
    const starts = client.entries.filter(({ d }) => d.k === 'run-start');
    expect(new Set(starts.map(({ d }) => ('run' in d ? d.run : ''))).size).toBe(1);
    expect(await runs()).toMatchObject([{ state: 'finished' }]);
  });

  it('HF-RUN-20, HF-ENT-5: what a process left unfinished goes when the next one writes, and no more', async () => {
    const { one, two, adopt, texts, id } = await setUp({ limits: { checkpointBytes: 1 } });
    await adopt(one, (run) => run.write('plan', saying('Plan.')));
    // Dies in the middle of the second part.
    const dead = adopt(one, (run) => run.write('act', pausing('Broken', new Promise(() => {}))));
    dead.catch(() => {});
    await vi.waitFor(async () => expect(await texts()).toEqual(['Plan.Br']));
    await adopt(two, async (run) => {
      expect(run.attempt).toBeGreaterThan(1);
      // What stood there is shown until there is more to show.
      expect(await texts()).toEqual(['Plan.Br']);
      await run.write('plan', saying('Never.'));
      await run.write('act', saying('Act.'));
      await run.write('check', saying('Checked.'));
      await run.end();
    });
    await expect(dead).rejects.toMatchObject({ code: 'conflict' });
    expect(await texts()).toEqual(['Plan.Act.Checked.']);
    const [item] = (await join(two, id)).items;
    expect(item).toMatchObject({ segments: [{ sealed: expect.any(Number) }] });
  });

  it('HF-RUN-20: steps and parts are done once, however often an activity is', async () => {
    const { one, two, adopt, texts } = await setUp();
    const act = vi.fn(() => 'charged');
    const activity = async (run: AdoptedRun) => {
      const result = await run.step('charge', act);
      await run.write('say', saying(`${result}.`));
    };
    await adopt(one, activity);
    await adopt(two, activity);
    await adopt(one, activity);
    expect(act).toHaveBeenCalledTimes(1);
    expect(await texts()).toEqual(['charged.']);
  });

  it('HF-RUN-20: an agent that fails is the engine’s to try again; users see no error', async () => {
    const { one, two, adopt, texts, runs } = await setUp();
    const failing: Agent = () =>
      (async function* () {
        yield* answer('Oh').slice(0, 3);
        throw new Error('the model is away');
      })();
    const telling: Agent = () =>
      (async function* () {
        yield* answer('Oh').slice(0, 3);
        yield { type: 'error' as const, errorText: 'the model is away' };
      })();
    for (const agent of [failing, telling])
      await adopt(one, async (run) => {
        await expect(run.write('say', agent)).rejects.toThrow('the model is away');
        await expect(run.write('say', saying('x'))).rejects.toMatchObject({ code: 'conflict' });
      });
    expect(await runs()).toMatchObject([{ state: 'running' }]);
    await adopt(two, async (run) => {
      await run.write('say', saying('Better.'));
      await run.end('failed', 'enough');
    });
    expect(await texts()).toEqual(['Better.']);
    expect(await runs()).toMatchObject([{ state: 'failed', reason: 'enough' }]);
  });

  const overloaded = new Error('the model is overloaded');
  it.each([
    ['its stream breaks', fail(overloaded)],
    ['it says so in its stream', emit({ type: 'error', error: overloaded })],
  ])(
    'HF-RUN-20: the engine is given the error of a model itself, which may say when to try again: %s',
    async (_, line) => {
      const { one, adopt } = await setUp();
      const model = scriptedModel({ script: [line] });
      const agent: Agent = () => streamText({ model, prompt: 'hi', maxRetries: 0, onError() {} });
      await adopt(one, async (run) => {
        expect(await run.write('say', agent).catch((error: unknown) => error)).toBe(overloaded);
      });
    },
  );

  it.each([
    ['in the same piece', true],
    ['in another piece', false],
  ])(
    'HF-RUN-20, HF-RUN-6: an engine that gives up %s leaves what was written, and nothing open',
    async (_name, isSame) => {
      const { id, one, two, adopt, texts, runs } = await setUp();
      const failing: Agent = () =>
        (async function* () {
          yield* answer('Oh').slice(0, 3);
          throw new Error('the model is away');
        })();
      const giveUp = (run: AdoptedRun) => run.end('failed', 'enough');
      await adopt(one, async (run) => {
        await run.write('plan', saying('Plan.'));
        await expect(run.write('act', failing)).rejects.toThrow('the model is away');
        if (isSame) expect(await giveUp(run)).toBe('failed');
      });
      if (!isSame) expect(await adopt(two, giveUp)).toBe('failed');
      expect(await runs()).toMatchObject([{ state: 'failed', reason: 'enough' }]);
      expect(await texts()).toEqual(['Plan.O']);
      const [message] = await allPages(two, id);
      expect(
        message?.parts.every((part) => (part as { state?: string }).state !== 'streaming'),
      ).toBe(true);
    },
  );

  it.each([
    ['in the same piece', true],
    ['in another piece', false],
  ])(
    'HF-RUN-20, HF-RUN-6: an engine that ends well %s, behind a part that failed, leaves nothing of that open, and what waits in others',
    async (_name, isSame) => {
      const { id, one, two, adopt, runs } = await setUp();
      const asking = replying(
        { type: 'start' },
        { type: 'tool-input-available', toolCallId: 'kept', toolName: 'locate', input: {} },
        { type: 'finish' },
      );
      const end = (run: AdoptedRun) => run.end();
      await adopt(one, async (run) => {
        await run.write('ask', asking);
        await expect(run.write('act', breaking)).rejects.toThrow('the model is away');
        if (isSame) expect(await end(run)).toBe('finished');
      });
      if (!isSame) expect(await adopt(two, end)).toBe('finished');
      expect(await runs()).toMatchObject([{ state: 'finished' }]);
      const [message] = await allPages(two, id);
      expect(message?.parts).toMatchObject([
        { toolCallId: 'kept', state: 'input-available' },
        { text: 'O', state: 'done' },
        { toolCallId: 'lost', state: 'output-error' },
      ]);
    },
  );

  it('HF-RUN-20, HF-RUN-6: a stop that comes while the next process has it, and has written nothing, ends what is open', async () => {
    const { id, one, two, adopt, runs, stop } = await setUp();
    await adopt(one, async (run) => {
      await expect(run.write('act', breaking)).rejects.toThrow('the model is away');
    });
    await adopt(two, async (run) => {
      const stopped = once(run.signal, 'abort');
      await stop();
      await stopped;
    });
    expect(await runs()).toMatchObject([{ state: 'stopped' }]);
    const [message] = await allPages(two, id);
    expect(message?.parts).toMatchObject([
      { text: 'O', state: 'done' },
      { toolCallId: 'lost', state: 'output-error' },
    ]);
    const chunks = (await join(two, id)).items.flatMap((item) =>
      'segments' in item ? item.segments.flatMap((segment) => segment.chunks) : [],
    );
    expect(chunks.at(-1)).toMatchObject({ type: 'abort' });
  });

  it('HF-RUN-20: the last process that adopts it has it, and the one before writes no more', async () => {
    const { one, two, adopt, texts } = await setUp();
    const gate = Promise.withResolvers<void>();
    const first = adopt(one, async (run) => {
      const writing = run.write('say', pausing('First', gate.promise));
      writing.catch(() => {});
      await once(run.signal, 'abort');
      const step = run.step('late', () => 'x');
      await expect(step).rejects.toMatchObject({ code: 'conflict' });
      await expect(writing).rejects.toMatchObject({ code: 'conflict' });
    });
    await vi.waitFor(async () => expect(await texts()).toEqual(['Fi']));
    await adopt(two, async (run) => {
      gate.resolve();
      await run.write('say', saying('Second.'));
      await run.end();
    });
    await first;
    expect(await texts()).toEqual(['Second.']);
  });

  it('HF-RUN-20: a process that has lost it to another one asks no agent any more', async () => {
    const { one, two, adopt, texts } = await setUp();
    const agent = vi.fn(saying('First.'));
    await adopt(one, async (run) => {
      const lost = once(run.signal, 'abort');
      await adopt(two, (other) => other.write('say', saying('Second.')));
      await lost;
      await expect(run.write('act', agent)).rejects.toMatchObject({ code: 'conflict' });
    });
    expect(agent).not.toHaveBeenCalled();
    expect(await texts()).toEqual(['Second.']);
  });

  it('HF-RUN-20: a stop ends it at once where nobody has it, and the engine hears of it', async () => {
    const { one, adopt, runs, stop, texts } = await setUp();
    await adopt(one, (run) => run.write('plan', saying('Plan.')));
    expect((await stop()).status).toBe(200);
    expect(await runs()).toMatchObject([{ state: 'stopped' }]);
    const agent = vi.fn();
    await adopt(one, async (run) => {
      expect(run.state).toBe('stopped');
      expect(await run.write('act', agent)).toBe('stopped');
      expect(await run.end()).toBe('stopped');
      const act = vi.fn();
      await expect(run.step('charge', act)).rejects.toMatchObject({ code: 'conflict' });
      expect(act).not.toHaveBeenCalled();
    });
    expect(agent).not.toHaveBeenCalled();
    expect(await texts()).toEqual(['Plan.']);
  });

  it('HF-RUN-20: a stop reaches the agent that writes, and ends what it leaves open', async () => {
    const { id, one, two, adopt, runs, stop, texts } = await setUp();
    const writing = adopt(one, (run) => run.write('say', pausing('Hello', new Promise(() => {}))));
    await vi.waitFor(async () => expect(await texts()).toEqual(['He']));
    await stop();
    expect(await writing).toBe('stopped');
    expect(await runs()).toMatchObject([{ state: 'stopped' }]);
    const chunks = (await join(two, id)).items.flatMap((item) =>
      'segments' in item ? item.segments.flatMap((segment) => segment.chunks) : [],
    );
    expect(chunks.slice(-2)).toMatchObject([{ type: 'text-end' }, { type: 'abort' }]);
  });

  it('HF-RUN-20: a stop that comes while a process has it, and does not write, ends it with that', async () => {
    const { one, adopt, runs, stop } = await setUp();
    await adopt(one, async (run) => {
      const stopped = once(run.signal, 'abort');
      await stop();
      await stopped;
    });
    expect(await runs()).toMatchObject([{ state: 'stopped' }]);
  });

  it('HF-RUN-20: a run that its engine leaves is lost when its time is over, and says so', async () => {
    const { one, two, adopt, runs, id, texts } = await setUp({ limits: { pollMs: 20 } });
    await adopt(one, (run) => run.write('plan', saying('Plan.')), { leaseMs: 50 });
    const client = await two.greet();
    client.send({ t: 'sub', r: 1, s: id });
    await vi.waitFor(async () => expect(await runs()).toMatchObject([{ state: 'lost' }]));
    expect(await adopt(one, async (run) => await run.write('act', saying('x')))).toBe('lost');
    expect(await texts()).toEqual(['Plan.']);
  });

  it('HF-RUN-20: it is taken over by no other process, whatever `onLost` says', async () => {
    const { one, two, adopt, runs, id } = await setUp({
      onLost: 'retry',
      limits: { pollMs: 20 },
    });
    two.holdfast.register({ planner: saying('Never.') });
    await adopt(one, async () => {}, { leaseMs: 50 });
    const client = await two.greet();
    client.send({ t: 'sub', r: 1, s: id });
    await vi.waitFor(async () => expect(await runs()).toMatchObject([{ state: 'lost' }]));
  });

  it('HF-RUN-20: ending it twice, and adopting it again then, changes nothing', async () => {
    const { one, two, adopt, texts } = await setUp();
    const activity = async (run: AdoptedRun) => {
      await run.write('say', saying('Once.'));
      expect(await run.end()).toBe('finished');
      expect(await run.end('failed')).toBe('finished');
    };
    await adopt(one, activity);
    await adopt(two, activity);
    expect(await texts()).toEqual(['Once.']);
  });

  it('HF-RUN-20: what waits in the queue waits for its end', async () => {
    const { id, one, adopt, texts } = await setUp({ whileBusy: 'queue' });
    await adopt(one, (run) => run.write('plan', saying('Plan.')));
    const queued = await one.post({
      id,
      command: 'q',
      trigger: 'submit-message',
      message: userMessage('q', 'next'),
    });
    expect(await queued.json()).toMatchObject({ state: 'queued' });
    await adopt(one, (run) => run.end());
    await vi.waitFor(async () => expect(await texts()).toEqual(['Plan.', 'next', 're: next']));
  });

  it('HF-RUN-20: what cannot be adopted is refused, and nothing is written', async () => {
    const { one, adopt, texts } = await setUp();
    const bad = (more: object) => adopt(one, async () => {}, more);
    await expect(bad({ agent: '' })).rejects.toMatchObject({ code: 'bad_request' });
    await expect(bad({ parent: 'nobody' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await texts()).toEqual([]);
  });

  it('HF-HTTP-10: a client that names its command as the engine does keeps no run from it', async () => {
    const { id, one, adopt, texts } = await setUp();
    const note = { command: 'note', message: userMessage('note', 'note'), wake: false };
    await one.post({ id, trigger: 'submit-message', ...note });
    await adopt(
      one,
      async (run) => {
        await run.write('plan', saying('Plan.'));
        await run.end();
      },
      { command: 'note' },
    );
    expect(await texts()).toEqual(['note', 'Plan.']);
  });

  it('HF-RUN-20: parts and steps have names of their own', async () => {
    const { one, two, adopt, texts } = await setUp();
    await adopt(one, async (run) => {
      await run.step('part plan', () => 'a step');
      await run.write('plan', saying('Plan.'));
    });
    await adopt(two, async (run) => {
      expect(await run.step('plan', () => 'another step')).toBe('another step');
      expect(await run.step('part plan', () => 'again')).toBe('a step');
      await run.end();
    });
    expect(await texts()).toEqual(['Plan.']);
  });

  it('HF-RUN-20, HF-LOG-32: a session that was deleted is not brought back by the next piece', async () => {
    const { id, log, one, two, adopt } = await setUp();
    await adopt(one, (run) => run.write('plan', saying('Plan.')));
    await one.holdfast.session(id).delete();
    const agent = vi.fn();
    expect(await adopt(two, (run) => run.write('act', agent))).toBe('lost');
    expect(agent).not.toHaveBeenCalled();
    expect(await log.head(id)).toBeNull();
  });

  it('HF-RUN-20: a piece hears how the run ended, however much came since', async () => {
    const { id, one, two, adopt } = await setUp({ limits: { pageMessages: 1 } });
    await adopt(one, async (run) => {
      await run.write('say', saying('Once.'));
      await run.end('failed', 'enough');
    });
    for (const text of ['a', 'b', 'c', 'd']) await say(one, id, text);
    expect(await adopt(two, async (run) => run.state)).toBe('failed');
  });

  it('HF-RUN-24, HF-RUN-20: whose child it is need be said once', async () => {
    const { one, two, adopt, id } = await setUp();
    const parent = await one.holdfast
      .session(id)
      .adopt({ agent: 'boss', command: 'boss' }, async (run) => run);
    await adopt(one, async () => {}, { parent: parent.run });
    await adopt(two, (run) => run.write('say', saying('Said.')));
    const child = (await allPages(two, id)).find((message) => textOf(message) === 'Said.');
    expect(child).not.toHaveProperty('metadata');
    const { authors } = await two.holdfast.session(id).state();
    expect(authors[child?.id ?? '']).toEqual({
      id: 'planner',
      role: 'agent',
      parent: parent.messageId,
    });
    expect((await join(two, id)).runs).toContainEqual(
      expect.objectContaining({ agent: 'planner', parent: parent.run }),
    );
  });

  it('what the work itself rejects with is passed on, and the run waits for the next process', async () => {
    const { one, adopt, runs } = await setUp();
    const failed = adopt(one, () => Promise.reject(new Error('no')));
    await expect(failed).rejects.toThrow('no');
    let kept: AdoptedRun | undefined;
    await adopt(one, async (run) => {
      kept = run;
    });
    await expect(kept?.write('x', saying('x'))).rejects.toMatchObject({ code: 'conflict' });
    expect(await runs()).toMatchObject([{ state: 'running' }]);
  });
});
