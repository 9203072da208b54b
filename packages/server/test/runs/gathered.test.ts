import type { SessionLog } from '@holdfast/log';
import { describe, expect, it } from 'vitest';
import { createHoldfast, type HoldfastOptions } from '../../src/index.ts';
import { AgentPump } from '../../src/runs/agent-pump.ts';
import { attempting, handed } from '../support/attempting.ts';
import { turn } from '../support/background.ts';

const said = (delta: string, id = 't') => ({ type: 'text-delta', id, delta });

/** A run that gathers words, behind its first ones. */
async function gathering(
  options: Partial<HoldfastOptions> = { gatherMs: 20 },
  through?: (log: SessionLog) => Partial<SessionLog>,
) {
  const made = await attempting(options, through);
  const pump = new AgentPump(made.begin());
  const agent = handed();
  const reading = pump.read(async () => agent.source);
  const types = async () => (await made.chunks()).map((each) => each.map(({ type }) => type));
  const deltas = async () =>
    (await made.chunks()).map((each) => each.flatMap(({ delta }) => delta ?? []).join('|'));
  const pass = async (ms: number) => {
    made.time.pass(ms);
    await turn();
    await turn();
  };
  await agent.say({ type: 'text-start', id: 't' }, said('first'));
  return { ...made, agent, reading, types, deltas, pass };
}

describe('gatherMs: the words of an answer', () => {
  it('are written together when the time is over, but for the first ones', async () => {
    const { agent, deltas, pass, reading } = await gathering();
    expect(await deltas()).toEqual(['first']);
    await agent.say(said(' and'));
    await pass(19);
    await agent.say(said(' more'));
    expect(await deltas()).toEqual(['first']);
    await pass(1);
    expect(await deltas()).toEqual(['first', ' and more']);
    await agent.say(said(' later'));
    await pass(20);
    expect(await deltas()).toEqual(['first', ' and more', ' later']);
    await agent.end();
    expect(await reading).toEqual({ kind: 'done' });
  });

  it('need no timer while nothing is said', async () => {
    const { agent, time, pass } = await gathering();
    const idle = time.timers;
    await agent.say(said(' and'), said(' more'));
    expect(time.timers).toBe(idle + 1);
    await pass(20);
    expect(time.timers).toBe(idle);
  });

  it.each([
    { type: 'text-end', id: 't' },
    { type: 'tool-input-available', toolCallId: 'c', toolName: 'look', input: {} },
    { type: 'data-place', data: 1 },
    { type: 'message-metadata', messageMetadata: { tokens: 1 } },
    { type: 'start-step', messageMetadata: { tokens: 1 } },
    { type: 'of-a-later-version' },
    { type: 'error', errorText: 'No.' },
  ])('wait no longer than for what a page is to show at once: $type', async (chunk) => {
    const { agent, types, time } = await gathering();
    await agent.say(said(' and'));
    await agent.say(chunk);
    expect((await types()).flat()).toContain(chunk.type);
    expect((await types()).flat().filter((type) => type === 'text-delta')).toHaveLength(2);
    expect(time.environment.now()).toBe(0);
  });

  it.each([
    { type: 'text-start', id: 'u' },
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 't', delta: 'hm' },
    { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{' },
    { type: 'start-step' },
  ])('wait with what shows as little: $type', async (chunk) => {
    const { agent, types, pass } = await gathering();
    await agent.say(said(' and'));
    await agent.say(chunk);
    expect(await types()).toHaveLength(1);
    await pass(20);
    expect(await types()).toHaveLength(2);
    expect((await types()).at(-1)).toEqual(['text-delta', chunk.type]);
  });

  it('wait no longer than until they fill an entry', async () => {
    const { agent, deltas } = await gathering();
    const much = 'x'.repeat(8_168);
    // Each of 16 KiB: four are a quarter of what an entry takes.
    await agent.say(said(much, '1'), said(much, '2'), said(much, '3'), said(much, '4'));
    expect(await deltas()).toEqual(['first']);
    await agent.say(said(much, '5'));
    expect((await deltas()).slice(1)).toEqual([[much, much, much, much].join('|'), much]);
  });

  it('wait no longer than until the agent has ended', async () => {
    const { agent, deltas, reading } = await gathering();
    await agent.say(said(' and'));
    await agent.end();
    expect(await reading).toEqual({ kind: 'done' });
    expect(await deltas()).toEqual(['first', ' and']);
  });

  it('wait for nothing behind the append that was under way when the agent ended', async () => {
    let held = Promise.resolve();
    const { agent, deltas, reading, time } = await gathering({ gatherMs: 20 }, (log) => ({
      append: async (id, command) => {
        await held;
        return await log.append(id, command);
      },
    }));
    const gate = Promise.withResolvers<void>();
    held = gate.promise;
    await agent.say({ type: 'data-place', data: 1 });
    await agent.say(said(' and'));
    await agent.end();
    expect(await deltas()).toEqual(['first']);
    gate.resolve();
    expect(await reading).toEqual({ kind: 'done' });
    expect(await deltas()).toEqual(['first', '', ' and']);
    expect(time.environment.now()).toBe(0);
  });

  it('are those of all runs of a process: one timer for all', async () => {
    const { agent, begin, time, pass, chunks } = await gathering();
    const other = handed();
    const reading = new AgentPump(begin()).read(async () => other.source);
    await other.say(said('o', 'o'));
    const idle = time.timers;
    await agent.say(said(' and'));
    await pass(10);
    await other.say(said('p', 'o'));
    expect(time.timers).toBe(idle + 1);
    const before = (await chunks()).length;
    await pass(10);
    expect((await chunks()).length).toBeGreaterThan(before);
    await other.end();
    await reading;
  });

  it.each([{}, { gatherMs: 0 }])('wait for nothing without it: %j', async (options) => {
    const { agent, deltas } = await gathering(options);
    await agent.say(said(' and'));
    expect(await deltas()).toEqual(['first', ' and']);
  });

  it.each([Number.NaN, -1, 1_001, Number.POSITIVE_INFINITY])(
    'are not gathered for %d ms, which is no time or too long',
    (gatherMs) => {
      const create = () => createHoldfast({ authorize: () => ({ id: 'u' }), gatherMs });
      expect(create).toThrow(
        expect.objectContaining({
          code: 'bad_request',
          message: `unable to begin: gatherMs is ${gatherMs}, and words are gathered for 0 to 1000 ms`,
        }),
      );
    },
  );

  it('may be gathered for a second', async () => {
    const { agent, deltas, pass } = await gathering({ gatherMs: 1_000 });
    await agent.say(said(' and'));
    await pass(999);
    expect(await deltas()).toEqual(['first']);
    await pass(1);
    expect(await deltas()).toEqual(['first', ' and']);
  });
});
