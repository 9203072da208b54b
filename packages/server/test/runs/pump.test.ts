import { getEventListeners } from 'node:events';
import type { AppendCommand } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { AgentPump } from '../../src/runs/agent-pump.ts';
import { attempting, handed } from '../support/attempting.ts';
import { turn } from '../support/background.ts';

const said = (delta: string, id = 't') => ({ type: 'text-delta', id, delta });

/** A pump that reads an agent, on a log whose appends a test may hold up or answer itself. */
async function pumping(options: Pick<HoldfastOptions, 'limits' | 'stallMs'> = {}) {
  const appends: AppendCommand[] = [];
  let before: () => Promise<void> = async () => {};
  let answer: (() => never) | { readonly kind: 'full' | 'fenced' } | undefined;
  const made = await attempting(options, (log) => ({
    append: async (id, command) => {
      appends.push(command);
      await before();
      if (typeof answer === 'function') answer();
      return typeof answer === 'object' ? answer : await log.append(id, command);
    },
  }));
  const timers = made.time.timers;
  const attempt = made.begin();
  const pump = new AgentPump(attempt);
  const agent = handed();
  let state: 'reading' | 'over' = 'reading';
  const read = (start: () => Promise<AsyncIterable<unknown>> = async () => agent.source) =>
    pump.read(start).finally(() => {
      state = 'over';
    });
  const hold = () => {
    const gate = Promise.withResolvers<void>();
    before = () => gate.promise;
    return async () => {
      before = async () => {};
      gate.resolve();
      await turn();
      await turn();
    };
  };
  const answers = (given: typeof answer) => {
    answer = given;
  };
  return {
    ...made,
    appends,
    attempt,
    pump,
    agent,
    read,
    hold,
    answers,
    timers,
    state: () => state,
  };
}

const kinds = (chunks: readonly (readonly { readonly type: string }[])[]) =>
  chunks.map((each) => each.map(({ type }) => type));

describe('what is read of an agent', () => {
  it('is in the log when it is said to be read, also what shows nothing yet', async () => {
    const { agent, read, chunks } = await pumping();
    const reading = read();
    await agent.say({ type: 'start' }, { type: 'text-start', id: 't' });
    expect(await chunks()).toEqual([]);
    await agent.end();
    expect(await reading).toEqual({ kind: 'done' });
    expect(kinds(await chunks())).toEqual([['start', 'text-start']]);
  });

  it('takes as long as it takes, and leaves no timer behind', async () => {
    const { attempt, agent, read, time, timers } = await pumping({ stallMs: 3_600_000 });
    const reading = read();
    await agent.say(said('a'));
    time.pass(600_000);
    await agent.say(said('b'));
    await agent.end();
    expect(await reading).toEqual({ kind: 'done' });
    attempt.close();
    await turn();
    expect(time.timers).toBe(timers);
  });

  it('leaves no listener behind, also where the attempt goes on, as with an engine', async () => {
    const { attempt, agent, read } = await pumping();
    const listeners = () =>
      [attempt.stopped, attempt.lost].map((signal) => getEventListeners(signal, 'abort').length);
    const before = listeners();
    const reading = read();
    await agent.say(said('a'));
    await agent.end();
    expect(await reading).toEqual({ kind: 'done' });
    expect(listeners()).toEqual(before);
  });

  it('HF-RUN-9: is no more than may wait while the log is away, to the byte', async () => {
    const { agent, read, hold, chunks } = await pumping({ limits: { runBufferBytes: 992 } });
    const reading = read();
    const release = hold();
    await agent.say(said('x'.repeat(100), '0'));
    // Each of 248 bytes: four may wait, and one more is taken before it is known that these are too many.
    await agent.say(...Array.from({ length: 9 }, (_, at) => said('x'.repeat(100), `${at + 1}`)));
    expect(agent.asked).toBe(1 + 5);
    await release();
    await agent.end();
    expect(await reading).toEqual({ kind: 'done' });
    expect((await chunks()).flat()).toHaveLength(1 + 10);
  });

  it('HF-RUN-8: travels in entries of a quarter of what one may hold', async () => {
    const { agent, read, hold, chunks } = await pumping();
    const reading = read();
    const release = hold();
    await agent.say(said('first', '0'));
    // Each of 16 KiB: four are a quarter.
    await agent.say(...Array.from({ length: 9 }, (_, at) => said('x'.repeat(8_168), `${at + 1}`)));
    await release();
    await agent.end();
    expect(await reading).toEqual({ kind: 'done' });
    expect((await chunks()).map(({ length }) => length)).toEqual([2, 4, 4, 1]);
  });

  it('is over where the agent says nothing for too long, also what it says at that moment', async () => {
    const { agent, read, time, state, chunks } = await pumping({ stallMs: 30_000 });
    const reading = read();
    await agent.say(said('a'));
    time.pass(29_999);
    await turn();
    expect(state()).toBe('reading');
    time.pass(1);
    await agent.say(said('late'));
    expect(await reading).toMatchObject({ kind: 'failed', reason: 'stalled' });
    expect(agent.left).toBe(1);
    expect(kinds(await chunks())).toEqual([['start', 'text-delta']]);
  });
});

describe('HF-RUN-4: of an agent that was stopped', () => {
  it('what closes its message is taken for a second, and nothing else', async () => {
    const { attempt, pump, agent, read, time, chunks, state } = await pumping();
    const reading = read();
    await agent.say(said('a'));
    attempt.stop();
    const output = { type: 'tool-output-available', toolCallId: 'c', output: 1 };
    const abort = { type: 'abort', reason: 'asked to' };
    await agent.say(said('b'), { ...output, preliminary: true }, output, abort);
    time.pass(999);
    await agent.say({ type: 'message-metadata', messageMetadata: { tokens: 7 } });
    expect(state()).toBe('reading');
    time.pass(1);
    expect(await reading).toEqual({ kind: 'stopped' });
    expect(pump.abort).toEqual(abort);
    const taken = [['start', 'text-delta'], ['tool-output-available'], ['message-metadata']];
    expect(kinds(await chunks())).toEqual(taken);
    expect(agent.left).toBe(1);
    await agent.say({ ...output, output: 2 });
    expect(kinds(await chunks())).toEqual(taken);
  });

  it('before it was asked, nothing is waited for but that second', async () => {
    const { attempt, read, time, state } = await pumping();
    attempt.stop();
    const reading = read(() => new Promise(() => {}));
    await turn();
    time.pass(999);
    await turn();
    expect(state()).toBe('reading');
    time.pass(1);
    expect(await reading).toEqual({ kind: 'stopped' });
  });

  it('an answer that begins when nobody waits any more is not read, but left', async () => {
    const { attempt, agent, read, time, appends } = await pumping();
    const gate = Promise.withResolvers<AsyncIterable<unknown>>();
    const reading = read(() => gate.promise);
    attempt.stop();
    await turn();
    time.pass(1_000);
    expect(await reading).toEqual({ kind: 'stopped' });
    gate.resolve(agent.source);
    await agent.say(said('late'));
    expect([agent.asked, appends.length, agent.left]).toEqual([0, 0, 1]);
  });
});

describe('HF-RUN-12: of a run that is lost', () => {
  it('nothing more is written, and its agent is left at once', async () => {
    const { attempt, agent, read, hold, appends } = await pumping();
    const reading = read();
    const release = hold();
    await agent.say(said('a'));
    await agent.say(said('b'));
    attempt.lose();
    await turn();
    expect(agent.left).toBe(1);
    await release();
    expect(await reading).toEqual({ kind: 'done' });
    expect(appends).toHaveLength(1);
    await agent.say(said('c'));
    expect(appends).toHaveLength(1);
  });

  it('before its agent was asked, that is not asked', async () => {
    const { attempt, read } = await pumping();
    const start = vi.fn(() => new Promise<never>(() => {}));
    attempt.lose();
    expect(await read(start)).toEqual({ kind: 'stopped' });
    expect(start).not.toHaveBeenCalled();
  });

  it('whose agent has not answered yet, nothing is waited for', async () => {
    const { attempt, read } = await pumping();
    const reading = read(() => new Promise(() => {}));
    attempt.lose();
    expect(await reading).toEqual({ kind: 'stopped' });
  });

  it.each([
    ['never lets itself be left', () => new Promise(() => {})],
    ['fails when it is left', () => Promise.reject(new Error('no'))],
  ])('an agent that %s holds nothing up', async (_, leave) => {
    const { attempt, read } = await pumping();
    const agent = handed(leave);
    const reading = read(async () => agent.source);
    await agent.say(said('a'));
    attempt.lose();
    expect(await reading).toEqual({ kind: 'done' });
    await turn();
    expect(agent.left).toBe(1);
  });

  it('as an append tells: its attempt is told so', async () => {
    const { attempt, agent, read, answers, appends } = await pumping();
    answers({ kind: 'fenced' });
    const reading = read();
    await agent.say(said('a'));
    expect(attempt.lost.aborted).toBe(true);
    await agent.say(said('b'));
    await reading;
    expect([appends.length, agent.left]).toEqual([1, 1]);
  });
});

describe('where the log takes no more', () => {
  const broken = () => {
    throw new HoldfastError('internal', 'unable to append: broken');
  };

  it.each([
    ['because it is full', { kind: 'full' } as const, 'full'],
    ['because it is broken', broken, 'internal'],
  ])('%s, its agent is not read on, and the reason is told', async (_, given, code) => {
    const { agent, read, answers, appends } = await pumping();
    answers(given);
    const reading = read();
    await agent.say(said('a'));
    await agent.say(said('b'), said('c'));
    expect(await reading).toMatchObject({ kind: 'failed', error: { code } });
    expect([appends.length, agent.asked, agent.left]).toEqual([1, 2, 1]);
  });

  it.each([
    ['a delta', { ...said('a'), more: 1n }],
    ['what is large in it', { ...said('x'.repeat(16_000)), more: { deep: 1n } }],
  ])('because %s is no JSON, it is said to be', async (_, chunk) => {
    const { agent, read, entries } = await pumping();
    const before = (await entries()).length;
    const reading = read();
    await agent.say(chunk);
    await agent.end();
    const message = expect.stringContaining('it is no JSON');
    expect(await reading).toMatchObject({ kind: 'failed', error: { code: 'internal', message } });
    expect(await entries()).toHaveLength(before);
  });

  it('because what is large cannot be kept, nothing stands in its place', async () => {
    const { agent, read, entries } = await pumping({ limits: { fileBytes: 20_000 } });
    const before = (await entries()).length;
    const reading = read();
    await agent.say({ type: 'data-x', data: 'x'.repeat(30_000) });
    await agent.end();
    expect(await reading).toMatchObject({ kind: 'failed', error: { code: 'too_large' } });
    expect(await entries()).toHaveLength(before);
  });
});
