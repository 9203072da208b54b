import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits, type Entry } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Agent, createHoldfast } from '../../src/index.ts';
import { userMessage } from '../support/server.ts';

const words = ['one ', 'two ', 'three ', 'four '];

/** For how many moments of the schedule somebody waits before they act: some act when all is over. */
const patience = fc.integer({ min: 0, max: 30 });

/** What happens while the first run is under way, each at a moment that the scheduler chooses. */
const plans = fc.record({
  stops: fc.array(patience, { maxLength: 2 }),
  steers: fc.array(patience, { maxLength: 2 }),
  crashes: fc.boolean(),
  /** A next message comes in the middle of it all. */
  next: fc.boolean(),
});

type Wrapped = 'append' | 'cancel' | 'head' | 'open' | 'read' | 'renew' | 'send';
const wrapped: readonly Wrapped[] = ['append', 'cancel', 'head', 'open', 'read', 'renew', 'send'];

/** A process's log: each call begins and ends when the scheduler says so, and never once it is dead. */
function processLog(log: SessionLog, scheduler: fc.Scheduler, name: string) {
  let isDead = false;
  const never = new Promise<never>(() => {});
  const moment = (what: string) => scheduler.schedule(Promise.resolve(), `${name}: ${what}`);
  const wrap = (method: Wrapped) => async (session: string, given: never) => {
    await moment(method);
    if (isDead) return await never;
    const answer = await (log[method] as (s: string, g: never) => Promise<unknown>)(session, given);
    await moment(`${method} answered`);
    return isDead ? await never : answer;
  };
  const methods = Object.fromEntries(wrapped.map((method) => [method, wrap(method)]));
  return {
    kill: () => {
      isDead = true;
    },
    log: new Proxy(log, {
      get: (target, member) => {
        const own = methods[String(member)];
        if (own) return own;
        const value = Reflect.get(target, member) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
  };
}

/** The first run of the session, as soon as the log has it. */
async function begun(log: SessionLog, scheduler: fc.Scheduler): Promise<string> {
  for (;;) {
    const [first] = (await log.head('s'))?.runs ?? [];
    if (first) return first.run;
    await scheduler.waitNext(1);
  }
}

type Plan = typeof plans extends fc.Arbitrary<infer P> ? P : never;

async function play(scheduler: fc.Scheduler, plan: Plan) {
  let clock = 0;
  const log = createMemoryLog({ now: () => clock });
  const limits = { ...defaultLimits, lingerMs: 0 };
  const given: string[] = [];
  const agent: Agent = ({ messages, signal }) => {
    const prompt = messages.at(-1)?.parts.map((part) => ('text' in part ? part.text : ''));
    given.push(prompt?.join('') ?? '');
    return (async function* (): AsyncGenerator<UIMessageChunk> {
      yield { type: 'start' };
      yield { type: 'text-start', id: 't' };
      for (const delta of words) {
        await scheduler.schedule(Promise.resolve(), 'a word');
        if (signal.aborted) return;
        yield { type: 'text-delta', id: 't', delta };
      }
      yield { type: 'text-end', id: 't' };
      yield { type: 'finish' };
    })();
  };
  const processes = ['a', 'b'].map((name) => {
    const { log: own, kill } = processLog(log, scheduler, name);
    const authorize = () => ({ id: 'u' });
    const holdfast = createHoldfast({ log: own, authorize, limits, onError: () => {} });
    const ask = async (path: readonly string[], body: object) => {
      const url = `http://test/api/chat/${path.join('/')}`;
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      const response = await holdfast.handle(new Request(url, init), { agent, path });
      return (await response.json()) as { run: string; state: string };
    };
    const send = (id: string) =>
      ask([], {
        id: 's',
        command: id,
        trigger: 'submit-message',
        message: userMessage(id, id),
      });
    return { holdfast, ask, send, kill };
  });
  const [a, b] = processes as [(typeof processes)[0], (typeof processes)[0]];

  const sent = a.send('m1');
  // As soon as it is there: its sender is answered later, when its agent has been asked.
  const run = await begun(log, scheduler);
  const wait = async (moments: number) => {
    for (let left = moments; left > 0; left--) {
      await scheduler.schedule(Promise.resolve(), 'nothing');
      // A run writes in turns of the event loop, which the scheduler does not make.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const stops = plan.stops.map(async (moments) => {
    await wait(moments);
    return await b.ask(['s', 'cancel'], { run });
  });
  const steers = plan.steers.map(async (moments, at) => {
    await wait(moments);
    const message = userMessage(`x${at}`, `x${at}`);
    return await b.ask(['s', 'steer'], { run, message });
  });
  const next = plan.next ? b.send('m2') : null;
  if (plan.crashes) void scheduler.schedule(Promise.resolve(), 'a dies').then(() => a.kill());
  const answers = await scheduler.waitFor(
    Promise.all([Promise.all(stops), Promise.all(steers), next]),
  );
  // What was begun goes on to its end.
  await scheduler.waitIdle();
  for (let round = 0; round < 200; round++) {
    const live = (await log.head('s'))?.runs ?? [];
    if (live.every((each) => plan.crashes && each.run === run)) break;
    await new Promise((resolve) => setImmediate(resolve));
    await scheduler.waitIdle();
  }
  if (plan.crashes) {
    clock += limits.leaseMs + 1;
    const at = 0;
    const end: Entry = { k: 'run-end', run, attempt: 1, outcome: 'lost', at };
    const entry = { nonce: 1, body: JSON.stringify(end) };
    await log.suspect('s', { run, attempt: 1, graceMs: 0 });
    await log.reap('s', { run, attempt: 1, entry });
  }
  const read = await log.read('s', { after: null, limit: 1_000 });
  if (read.kind !== 'entries') throw new Error(read.kind);
  const entries = read.entries.map(({ body }) => JSON.parse(body) as Entry);
  if (!plan.crashes) expect((await scheduler.waitFor(sent)).run).toBe(run);
  const closed = scheduler.waitFor(b.holdfast.close({ runsMs: 0 }));
  await closed;
  if (!plan.crashes) await scheduler.waitFor(a.holdfast.close({ runsMs: 0 }));
  return { first: run, answers, entries, given };
}

const textOf = (entries: readonly Entry[], run: string): string =>
  entries
    .flatMap((entry) => (entry.k === 'chunks' && entry.run === run ? entry.c : []))
    .map(({ type, delta }) => (type === 'text-delta' ? String(delta) : ''))
    .join('');

it('HF-RUN-3, HF-FRM-4, HF-RUN-21: stop, steer, finish and crash in any order leave one history that says what was answered', async () => {
  const outcomes = new Set<string>();
  const told = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), plans, async (scheduler, plan) => {
      const { first, answers, entries, given } = await play(scheduler, plan);
      const [stops, steers, next] = answers;
      const at = (test: (entry: Entry) => boolean) => entries.findIndex(test);
      const ends = entries.filter((entry) => entry.k === 'run-end');
      const own = ends.filter(({ run }) => run === first);
      expect(own).toHaveLength(1);
      const [{ outcome }] = own as [(typeof own)[0]];
      const end = at((entry) => entry.k === 'run-end' && entry.run === first);
      const cancel = at((entry) => entry.k === 'cancel');
      outcomes.add(outcome);
      for (const { state } of [...stops, ...steers]) told.add(state);
      const whole = words.join('');
      const text = textOf(entries, first);

      // Nothing is written behind the end, and what is there is a beginning of what was said.
      const behind = entries.slice(end + 1);
      expect(behind.filter((entry) => 'run' in entry && entry.run === first)).toEqual([]);
      expect(whole.startsWith(text)).toBe(true);
      if (outcome === 'finished') expect(text).toBe(whole);

      // Every stop is answered, and the answer is what the log says.
      const states = stops.map(({ state }) => state);
      expect(states.includes('stopping')).toBe(cancel >= 0);
      if (cancel >= 0) expect(cancel).toBeLessThan(end);
      if (outcome === 'stopped') expect(states).toContain('stopping');
      if (outcome === 'lost') expect(plan.crashes).toBe(true);
      for (const state of states) expect(['stopping', 'finished']).toContain(state);

      // A steer is in the log exactly if its sender was told so, and before the end.
      for (const [number, { state }] of steers.entries()) {
        const steer = at((entry) => entry.k === 'steer' && entry.message.id === `x${number}`);
        expect(steer >= 0).toBe(state !== 'ended');
        if (steer >= 0) expect(steer).toBeLessThan(end);
      }

      // A stop of the one run never reaches the other.
      if (next) {
        const other = ends.filter(({ run }) => run === next.run);
        expect(other).toMatchObject([{ outcome: 'finished' }]);
        expect(textOf(entries, next.run)).toBe(whole);
        expect(given).toContain('m2');
      }
    }),
    { numRuns: 300 },
  );
  // All of it was met.
  expect([...outcomes].sort()).toEqual(['finished', 'lost', 'stopped']);
  expect([...told].sort()).toEqual(['ended', 'finished', 'stopping', 'waiting']);
}, 60_000);
