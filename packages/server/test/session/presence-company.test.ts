import { createFeeds, createMemoryLog, type Delivery, type SessionLog } from '@holdfast/log';
import { defaultLimits, HoldfastError } from '@holdfast/protocol';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SessionHubs } from '../../src/session/hubs.ts';
import { SessionPresence } from '../../src/session/presence.ts';
import { changed } from '../support/logs.ts';
import { manualTime } from '../support/manual-time.ts';
import { ada, bob, presenceOf } from '../support/present.ts';

const limits = { ...defaultLimits, presenceMs: 4_000, awayMs: 13_000, typingMs: 6_000 };
const hour = 3_600;

/** Hubs of one session in processes of their own, each with a follower, that may be cut off from the others. */
function processes(count: number) {
  let now = 0;
  let signals = 0;
  const cut = new Set<number>();
  const all: SessionPresence[] = Array.from({ length: count }, (_, from) => {
    const signal = (text: string): void => {
      signals++;
      if (cut.has(from)) all[from]?.missed();
      else for (const [to, hub] of all.entries()) if (!cut.has(to)) hub.receive(text);
    };
    return new SessionPresence({ id: `h${from}`, limits, now: () => now, signal });
  });
  for (const hub of all) hub.greet();
  return {
    all,
    cutOff: (at: number): void => void cut.add(at),
    /** As its subscription stands again: deliveries may have been missed. */
    reconnect: (at: number): void => {
      if (cut.delete(at)) all[at]?.missed();
    },
    taken: (): number => {
      const taken = signals;
      signals = 0;
      return taken;
    },
    pass: (seconds: number): void => {
      for (let at = 0; at < seconds; at++) {
        now += 1_000;
        for (const hub of all) hub.tick(now);
      }
    },
    seen: () => all.map(({ who }) => who.map(({ id }) => id).join()),
  };
}

describe('HF-PRES-3: where no other gateway is heard', () => {
  it('nothing is said again, and what changes is told at once', () => {
    const { presence, signals, tickAt, at } = presenceOf();
    presence.set({}, ada, 'here');
    expect(signals()).toMatchObject([{ who: [{ id: 'ada' }] }]);
    for (let now = 1_000; now < 60_000; now += 1_000) tickAt(now);
    expect(signals()).toEqual([]);
    at(60_000);
    presence.set({}, bob, 'here');
    expect(signals()).toMatchObject([{ who: [{ id: 'bob' }] }]);
    for (let now = 61_000; now < 99_000; now += 1_000) tickAt(now);
    expect(signals()).toEqual([]);
  });

  it.each([{ ask: true }, { gone: ['x'] }, { who: [{ ...bob, state: 'here' }] }])(
    'one that says %j has all of it again every presenceMs, until it is silent for awayMs',
    (words) => {
      const { presence, signals, tickAt, at, hear } = presenceOf();
      presence.set({}, ada, 'here');
      tickAt(99_999);
      signals();
      at(100_000);
      hear(words);
      const said = signals().length;
      expect(said).toBe('ask' in words ? 1 : 0);
      for (let now = 101_000; now < 113_000; now += 1_000) tickAt(now);
      expect(signals().filter(({ who }) => who)).toHaveLength(3);
      for (let now = 113_000; now < 200_000; now += 1_000) tickAt(now);
      expect(signals()).toEqual([]);
    },
  );

  it('a session of one process costs nothing, and an observer elsewhere sees who is there all the time', () => {
    const alone = processes(1);
    alone.all[0]?.set({}, ada, 'here');
    alone.taken();
    alone.pass(hour);
    expect([alone.taken(), alone.seen()]).toEqual([0, ['ada']]);

    const two = processes(2);
    two.all[0]?.set({}, ada, 'here');
    for (let at = 0; at < hour; at++) {
      two.pass(1);
      expect(two.seen()).toEqual(['ada', 'ada']);
    }
    // Not more than what telling of it every presenceMs would take.
    expect(two.taken()).toBeLessThan(hour / 4);
  });
});

describe('HF-PRES-3: a gateway that may have missed something', () => {
  it('asks with its next tick, and not again before presenceMs', () => {
    const { presence, signals, tickAt } = presenceOf();
    presence.missed();
    tickAt(10_000);
    // Nobody has followed it here.
    expect(signals()).toEqual([]);
    presence.greet();
    signals();
    presence.missed();
    tickAt(13_999);
    expect(signals()).toEqual([]);
    tickAt(14_000);
    expect(signals()).toEqual([{ hub: 'h', ask: true }]);
    tickAt(30_000);
    expect(signals()).toEqual([]);
  });

  it('says again what others may not have heard', () => {
    const { presence, signals, tickAt } = presenceOf();
    presence.set({}, ada, 'here');
    signals();
    tickAt(100_000);
    expect(signals()).toEqual([]);
    presence.missed();
    tickAt(101_000);
    expect(signals()).toMatchObject([{ who: [{ id: 'ada' }] }]);
  });

  it('asks for those that it would forget, and forgets those for whom nobody answers', () => {
    const { presence, signals, tickAt, hear, who } = presenceOf();
    presence.greet();
    hear({ who: [{ ...bob, state: 'here' }] });
    signals();
    tickAt(8_999);
    expect(signals()).toEqual([]);
    tickAt(9_000);
    expect(signals()).toEqual([{ hub: 'h', ask: true }]);
    tickAt(12_999);
    expect([signals(), who()]).toEqual([[], 'bob here']);
    tickAt(13_000);
    expect(who()).toBe('');
    for (let now = 14_000; now < 60_000; now += 1_000) tickAt(now);
    expect(signals().length).toBeLessThan(2);
  });

  it('sees all who are there once it is not cut off any more, however long that was', () => {
    const act = fc.tuple(
      fc.constantFrom('come', 'go', 'cut', 'join'),
      fc.nat({ max: 2 }),
      fc.nat({ max: 30 }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
        const three = processes(3);
        const there = new Set<number>();
        const keys = [{}, {}, {}];
        for (const [what, at, seconds] of acts) {
          const key = keys[at] as object;
          if (what === 'come') {
            there.add(at);
            three.all[at]?.set(key, { id: `u${at}`, role: 'user' }, 'here');
          } else if (what === 'go') {
            there.delete(at);
            three.all[at]?.leave(key);
          } else if (what === 'cut') three.cutOff(at);
          else three.reconnect(at);
          three.pass(seconds);
        }
        for (const at of keys.keys()) three.reconnect(at);
        three.pass(14);
        const all = [...there].sort().map((at) => `u${at}`);
        for (let at = 0; at < 60; at++) {
          three.pass(1);
          expect(three.seen()).toEqual(keys.map(() => all.join()));
        }
      }),
    );
  });
});

describe('HF-PRES-3: the hub of a session', () => {
  const hubOver = async (log: SessionLog) => {
    const time = manualTime();
    const feeds = createFeeds(log, { limits: { lingerMs: 0 } });
    const { environment } = time;
    const hubs = new SessionHubs({ log, feeds, limits, environment, report: () => {} });
    onTestFinished(async () => {
      await hubs.close();
      await feeds.close();
    });
    const { hub } = await hubs.acquire('s');
    hub.presence.greet();
    await settled();
    return { hub, time };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it.each(['a gap in what is delivered', 'a signal that is not passed on'] as const)(
    'asks again behind %s',
    async (cause) => {
      const said: string[] = [];
      let listener: ((delivery: Delivery) => void) | null = null;
      let outcome = (): Promise<void> => Promise.resolve();
      const log = changed(createMemoryLog(), {
        subscribe: async (_, given) => {
          listener = given;
          return () => {};
        },
        signal: (_, text) => {
          said.push(text);
          return outcome();
        },
      });
      if (cause === 'a signal that is not passed on')
        outcome = () => Promise.reject(new HoldfastError('unavailable', 'unable to write: cut'));
      const { time } = await hubOver(log);
      expect(said).toHaveLength(1);
      outcome = () => Promise.resolve();
      if (cause === 'a gap in what is delivered')
        (listener as ((delivery: Delivery) => void) | null)?.({ kind: 'gap' });
      time.pass(limits.presenceMs);
      await settled();
      expect(said.map((text) => JSON.parse(text))).toMatchObject([{ ask: true }, { ask: true }]);
      time.pass(60_000);
      await settled();
      expect(said).toHaveLength(2);
    },
  );
});
