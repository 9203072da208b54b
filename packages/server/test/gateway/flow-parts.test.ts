import { expect, it, vi } from 'vitest';
import { Flow } from '../../src/gateway/flow.ts';
import { collect } from '../support/collector.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A flow whose receiver the test is. */
function flowing(atHand = false) {
  const told: string[] = [];
  const sends: (() => void)[] = [];
  const state = { may: true, fails: null as Error | null, now: 5, atHand };
  const flow: Flow = new Flow({
    now: () => state.now,
    mayFlow: () => state.may,
    sendAtHand: () => {
      told.push('at hand');
      return state.atHand;
    },
    send: async () => {
      told.push('send');
      await new Promise<void>((resolve) => sends.push(resolve));
      if (state.fails) throw state.fails;
    },
    onIdle: () => told.push('idle'),
    onFault: (error) => told.push(String(error)),
  });
  const sent = async () => {
    sends.shift()?.();
    await turn();
  };
  /** What happened since it was looked at last. */
  const news = () => told.splice(0);
  const started = async () => {
    const done = flow.start(async () => void told.push('first'));
    await turn();
    expect(news()).toEqual(['first', 'send']);
    await sent();
    await done;
    expect(news()).toEqual(['idle']);
  };
  return { flow, state, sent, news, started };
}

it('begins with what is first, and sends then until there is no more', async () => {
  const { flow, news, sent } = flowing();
  flow.pump();
  const gate = Promise.withResolvers<void>();
  const started = flow.start(() => gate.promise);
  flow.pump();
  await turn();
  expect(news()).toEqual([]);
  gate.resolve();
  await turn();
  expect(news()).toEqual(['send']);
  // What comes meanwhile is sent behind it.
  for (let times = 0; times < 3; times++) flow.pump();
  await sent();
  expect(news()).toEqual(['send']);
  await sent();
  await started;
  expect(news()).toEqual(['idle']);
  await expect(flow.start(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

it('sends at once what is at hand, and the rest when that is not all', async () => {
  const all = flowing(true);
  await all.started();
  all.flow.pump();
  expect(all.news()).toEqual(['at hand', 'idle']);
  const some = flowing();
  await some.started();
  some.flow.pump();
  expect(some.news()).toEqual(['at hand', 'send']);
  await some.sent();
  expect(some.news()).toEqual(['idle']);
});

it('waits while nothing may flow, which is told, and goes on when it may', async () => {
  const collector = collect();
  const { flow, state, news, sent, started } = flowing(true);
  await started();
  expect(flow.blockedSince).toBeNull();
  state.may = false;
  state.now = 8;
  flow.pump();
  expect(news()).toEqual(['at hand']);
  expect(flow.blockedSince).toBe(8);
  expect(await collector.value('holdfast.gateway.blocked')).toBe(1);
  flow.pump();
  flow.retry();
  expect(news()).toEqual([]);
  state.may = true;
  flow.retry();
  expect(news()).toEqual(['at hand', 'idle']);
  expect(flow.blockedSince).toBeNull();
  flow.retry();
  expect(news()).toEqual([]);
  // Not even for what came meanwhile.
  state.atHand = false;
  flow.pump();
  flow.pump();
  state.may = false;
  await sent();
  expect(news()).toEqual(['at hand', 'send']);
  expect(flow.blockedSince).toBe(8);
});

it('tells what it fails with, and nothing when it is closed', async () => {
  for (const isClosed of [false, true]) {
    const { flow, state, news, sent, started } = flowing();
    await started();
    flow.pump();
    flow.pump();
    state.fails = new Error('away');
    if (isClosed) flow.close();
    expect(flow.isClosed).toBe(isClosed);
    news();
    await sent();
    expect(news()).toEqual(isClosed ? [] : ['Error: away']);
  }
  const { flow, news, sent, started } = flowing();
  await started();
  flow.pump();
  flow.close();
  await sent();
  flow.pump();
  flow.retry();
  await vi.waitFor(() => expect(news()).toEqual(['at hand', 'send']));
  expect(flow.isClosed).toBe(true);
});
