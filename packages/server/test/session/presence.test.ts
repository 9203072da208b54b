import { createMemoryLog } from '@holdfast/log';
import { defaultLimits, type Presence, type ServerFrame } from '@holdfast/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import type { AuthorizeRequest } from '../../src/index.ts';
import { SessionPresence } from '../../src/session/presence.ts';
import { fakeSocket } from '../support/fake-socket.ts';
import { manualTime } from '../support/manual-time.ts';
import { startOwnServer } from '../support/own-server.ts';
import type { TestServer } from '../support/server.ts';
import type { WireClient } from '../support/wire-client.ts';

const limits = { ...defaultLimits, presenceMs: 4_000, awayMs: 13_000, typingMs: 6_000 };

/** Hubs of several processes, whose signals reach each other unless they are cut off. */
function hubs(count: number) {
  let now = 0;
  let signals = 0;
  const cut = new Set<number>();
  const heard = Array.from({ length: count }, (): (readonly Presence[])[] => []);
  const all: SessionPresence[] = Array.from({ length: count }, (_, from) => {
    const signal = (text: string) => {
      signals++;
      if (cut.has(from)) return;
      for (const [to, hub] of all.entries()) if (to !== from) hub.receive(text);
    };
    const changed = (who: readonly Presence[]) => void heard[from]?.push(who);
    return new SessionPresence({ id: `h${from}`, limits, now: () => now, signal, changed });
  });
  // Each has a follower, for whom it asks once.
  for (const hub of all) hub.greet();
  signals = 0;
  return {
    all,
    cut,
    /** What the followers of one were told, one thing after another. */
    told: (at: number) => (heard[at] ?? []).map(states),
    get signals() {
      return signals;
    },
    /** Lets seconds pass, with the tick of each. */
    pass: (seconds: number) => {
      for (let at = 0; at < seconds; at++) {
        now += 1_000;
        for (const [index, hub] of all.entries()) if (!cut.has(index)) hub.tick(now);
      }
    },
  };
}

const ada = { id: 'ada', role: 'user' } as const;
const bob = { id: 'bob', role: 'operator', info: { name: 'Bob' } } as const;
const states = (who: readonly Presence[]) => who.map(({ id, state }) => `${id} ${state}`);

it('HF-PRES-1: several tabs of a participant count once, until the last one leaves', () => {
  const { all, pass } = hubs(2);
  const [one, two] = all as [SessionPresence, SessionPresence];
  const [tab, phone] = [{}, {}];
  one.set(tab, ada, 'here');
  two.set(phone, ada, 'here');
  two.set({}, bob, 'here');
  pass(1);
  for (const hub of all)
    expect(hub.who).toEqual([
      { ...ada, state: 'here' },
      { ...bob, state: 'here' },
    ]);
  one.leave(tab);
  pass(1);
  expect(states(one.who)).toEqual(['ada here', 'bob here']);
  two.leave(phone);
  pass(1);
  expect(states(one.who)).toEqual(['bob here']);
});

it('HF-PRES-3: participants of a hub that fell silent are gone after awayMs', () => {
  const { all, cut, pass } = hubs(2);
  const [one, two] = all as [SessionPresence, SessionPresence];
  two.set({}, bob, 'here');
  pass(5);
  cut.add(1);
  pass(7);
  expect(states(one.who)).toEqual(['bob here']);
  pass(7);
  expect(one.who).toEqual([]);
  expect(two.who).toHaveLength(1);
});

it('HF-PRES-3: typing falls back to here, and lasts as long as it is said again', () => {
  const { all, pass } = hubs(2);
  const [one, two] = all as [SessionPresence, SessionPresence];
  const tab = {};
  one.set(tab, ada, 'typing');
  for (let at = 0; at < 3; at++) {
    pass(5);
    one.set(tab, ada, 'typing');
  }
  expect(states(two.who)).toEqual(['ada typing']);
  pass(7);
  for (const hub of all) expect(states(hub.who)).toEqual(['ada here']);
});

it('HF-PRES-4: who flickers is told of once a second, and the last word counts', () => {
  const hub = hubs(2);
  const [one] = hub.all as [SessionPresence, SessionPresence];
  const tab = {};
  for (let at = 0; at < 50; at++) one.set(tab, ada, at % 2 ? 'here' : 'typing');
  hub.pass(1);
  expect(hub.told(1)).toEqual([['ada typing'], ['ada here']]);
  expect(hub.signals).toBeLessThanOrEqual(3);
});

it('HF-PRES-4: a change behind a silence is told at once', () => {
  const { all, pass } = hubs(2);
  const [one, two] = all as [SessionPresence, SessionPresence];
  const tab = {};
  one.set(tab, ada, 'here');
  pass(3);
  one.set(tab, ada, 'typing');
  expect(states(two.who)).toEqual(['ada typing']);
});

it('costs nothing while nobody is there', () => {
  const hub = hubs(3);
  hub.pass(60);
  expect(hub.signals).toBe(0);
});

it('a hub that comes later asks who is there', () => {
  const { all } = hubs(2);
  const [one, two] = all as [SessionPresence, SessionPresence];
  const log: string[] = [];
  one.set({}, ada, 'here');
  const late = new SessionPresence({
    id: 'late',
    limits,
    now: () => 0,
    signal: (text) => {
      log.push(text);
      one.receive(text);
    },
  });
  late.greet();
  late.greet();
  expect(log).toHaveLength(1);
  expect(states(two.who)).toEqual(['ada here']);
});

it('ignores signals that are none', () => {
  const { all } = hubs(1);
  for (const text of [
    '',
    'null',
    '[]',
    '{"hub":1}',
    '{"hub":"x","who":[1,null,"x",{"id":2}]}',
    '{"hub":"x","who":[{"id":"a","role":"user"},{"id":"a","state":"here"},{"role":"user","state":"here"}]}',
    '{"hub":"x","who":[{"id":"a","role":"user","state":"away"}]}',
    '{"hub":"h0","who":[{"id":"a","role":"user","state":"here"}]}',
    '{"who":[{"id":"a","role":"user","state":"here"}]}',
    '{"hub":"x","who":"a","gone":7}',
    '{'.repeat(99),
  ])
    all[0]?.receive(text);
  expect(all[0]?.who).toEqual([]);
});

it('HF-PRES-5: names so many, those who type first, and says how many there are', () => {
  const { all, pass } = hubs(2);
  const [one, two] = all as [SessionPresence, SessionPresence];
  for (let at = 0; at < 300; at++) one.set({}, { id: `u${1_000 + at}`, role: 'user' }, 'here');
  one.set({}, { id: 'z', role: 'user' }, 'typing');
  pass(2);
  for (const hub of all) {
    expect(hub.who).toHaveLength(limits.presenceMembers);
    expect(hub.who.at(-1)).toMatchObject({ id: 'z', state: 'typing' });
    expect(hub.who.map(({ id }) => id)).toEqual([...hub.who.map(({ id }) => id)].sort());
  }
  expect(one.present.count).toBe(301);
  expect(two.present.count).toBe(limits.presenceMembers);
});

it('HF-PRES-5: in a crowd followers are told of all changes of a second at once', () => {
  const { all, pass, told } = hubs(1);
  const [one] = all as [SessionPresence];
  const keys = Array.from({ length: 80 }, (_, at) => ({ id: `u${at}` }));
  for (const key of keys) one.set(key, { ...key, role: 'user' }, 'here');
  expect(told(0).length).toBeLessThanOrEqual(20);
  pass(1);
  expect(one.who).toHaveLength(80);
  for (const key of keys) one.leave(key);
  pass(1);
  expect(one.who).toEqual([]);
});

it('a change is told of alone, and what was lost of it is told again', () => {
  const { all, cut, pass } = hubs(2);
  const [one, two] = all as [SessionPresence, SessionPresence];
  const tabs = Array.from({ length: 50 }, (_, at) => ({ id: `u${at}` }));
  for (const tab of tabs) one.set(tab, { ...tab, role: 'user' }, 'here');
  pass(5);
  expect(two.who).toHaveLength(50);
  cut.add(0);
  one.leave(tabs[0] as object);
  cut.delete(0);
  pass(20);
  expect(two.who).toHaveLength(49);
});

it.each([
  ['as large as it may be', { name: 'ü'.repeat(506) }, true],
  ['too large', { name: 'x'.repeat(20_000) }, false],
  ['no JSON', { big: 1n }, false],
])('HF-PRES-6: a participant whose info is %s is there for all', (_, info, isShown) => {
  const reports: unknown[] = [];
  const texts: string[] = [];
  const make = (id: string, to: () => SessionPresence | undefined) =>
    new SessionPresence({
      id,
      limits,
      now: () => 0,
      signal: (text) => {
        texts.push(text);
        to()?.receive(text);
      },
      report: (error) => reports.push(error),
    });
  const two = make('two', () => undefined);
  const one = make('one', () => two);
  for (let at = 0; at < 100; at++) one.set({}, { id: `${at}`, role: 'user', info }, 'here');
  one.tick(1_000);
  two.tick(1_000);
  for (const hub of [one, two]) {
    expect(hub.who).toHaveLength(100);
    expect(hub.who[0]?.info).toEqual(isShown ? info : undefined);
  }
  // With room for what an encryption adds.
  for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThan(11_000);
  expect(reports).toHaveLength(isShown ? 0 : 1);
  if (!isShown) expect(reports).toMatchObject([{ code: 'too_large' }]);
});

async function serve(log = createMemoryLog()): Promise<TestServer> {
  return await startOwnServer({
    log,
    authorize: ({ token, action, sessionId }: AuthorizeRequest) =>
      token && !(action === 'read' && sessionId === 'secret' && token !== 'ada')
        ? { id: token, info: { name: token.toUpperCase() } }
        : null,
  });
}

async function follow(server: TestServer, token: string, s: string): Promise<WireClient> {
  const client = await server.greet(token);
  client.send({ t: 'sub', r: 1, s });
  await client.next('live');
  return client;
}

const who = (client: WireClient, ...expected: readonly string[]) =>
  client.until((frame) => frame.t === 'presence' && states(frame.who).join() === expected.join());

it('HF-PRES-1, HF-PRES-2: followers on every gateway are told who is there, and the log is not', async () => {
  const log = createMemoryLog();
  const [one, two] = [await serve(log), await serve(log)];
  const ada = await follow(one, 'ada', 's');
  const bob = await follow(two, 'bob', 's');
  ada.send({ t: 'presence', s: 's', state: 'here' });
  await who(bob, 'ada here');
  bob.send({ t: 'presence', s: 's', state: 'typing' });
  const frame = await who(ada, 'ada here', 'bob typing');
  expect(frame).toMatchObject({ who: [{ info: { name: 'ADA' } }, { info: { name: 'BOB' } }] });
  ada.terminate();
  await who(bob, 'bob typing');
  expect(await log.head('s')).toBeNull();
});

it('HF-PRES-2, S17: who joins is told in the snapshot, and who may not read is told nothing', async () => {
  const server = await serve();
  const ada = await follow(server, 'ada', 'secret');
  ada.send({ t: 'presence', s: 'secret', state: 'here' });
  await who(ada, 'ada here');
  const bob = await server.greet('bob');
  bob.send({ t: 'sub', r: 1, s: 'secret' });
  bob.send({ t: 'presence', s: 'secret', state: 'here' });
  expect(await bob.next('res')).toMatchObject({ err: { code: 'forbidden' } });
  const phone = await server.greet('ada');
  phone.send({ t: 'sub', r: 1, s: 'secret' });
  expect(await phone.next('snap')).toMatchObject({ who: [{ id: 'ada' }] });
  // What there was to tell has been told by the time that this is answered.
  ada.send({ t: 'presence', s: 'secret', state: 'typing' });
  await who(phone, 'ada typing');
  bob.send({ t: 'ping' });
  await bob.next('pong');
  expect(bob.frames.map(({ t }) => t)).toEqual(['welcome', 'res', 'pong']);
});

it('HF-PRES-2: who is there is told again when the session that was followed begins', async () => {
  const server = await serve();
  const ada = await follow(server, 'ada', 's');
  ada.send({ t: 'presence', s: 's', state: 'here' });
  await who(ada, 'ada here');
  await server.holdfast
    .session('s')
    .seed([{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'hi' }] }]);
  const isFirst = (frame: ServerFrame) => frame.t === 'snap' && frame.epoch !== '';
  expect(await ada.until(isFirst)).toMatchObject({ who: [{ id: 'ada', state: 'here' }] });
});

it('S17: who follows no longer, or another session, is told nothing of who is there', async () => {
  const server = await serve();
  const bob = await follow(server, 'bob', 's');
  const eve = await follow(server, 'eve', 'other');
  bob.send({ t: 'unsub', s: 's' });
  // What a socket does not follow it is not in either.
  eve.send({ t: 'presence', s: 's', state: 'here' });
  const ada = await follow(server, 'ada', 's');
  ada.send({ t: 'presence', s: 's', state: 'typing' });
  await who(ada, 'ada typing');
  for (const each of [bob, eve]) {
    each.send({ t: 'ping' });
    await each.next('pong');
    expect(JSON.stringify(each.frames)).not.toContain('ADA');
  }
});

it('a session is looked at once a second, however many sockets follow it', async () => {
  const time = manualTime();
  const core = createCore({ authorize: () => ({ id: 'u' }) }, time.environment);
  const gateway = new Gateway(core, async () => new Response());
  onTestFinished(async () => {
    gateway.close();
    await core.close();
  });
  const sockets = Array.from({ length: 5 }, () => fakeSocket());
  for (const socket of sockets) {
    gateway.accept(socket, new Request('http://test/holdfast'));
    socket.say({ t: 'hello', v: 1 });
    for (const s of ['a', 'b']) socket.say({ t: 'sub', r: 1, s });
    await vi.waitFor(() => expect(socket.frames.filter(({ t }) => t === 'live')).toHaveLength(2));
  }
  const swept = vi.spyOn(SessionPresence.prototype, 'tick');
  onTestFinished(() => swept.mockRestore());
  time.pass(3_000);
  expect(swept).toHaveBeenCalledTimes(2 * 3);
});

it('HF-EVT-8: who comes back within 5 s has neither left nor come, and who does not has left then', () => {
  const { all, pass, cut, told } = hubs(2);
  const [one] = all as [SessionPresence, SessionPresence];
  const [first, second, third] = [{}, {}, {}];
  one.set(first, ada, 'here');
  pass(2);
  one.leaveSoon(first);
  pass(4);
  one.set(second, ada, 'here');
  pass(7);
  one.leaveSoon(second);
  one.set(third, ada, 'typing');
  one.leaveSoon(third);
  pass(4);
  expect(told(1)).toEqual([['ada here'], ['ada typing']]);
  expect(one.hasStandIns).toBe(true);
  pass(1);
  expect(told(1)).toEqual([['ada here'], ['ada typing'], []]);
  expect([one.hasStandIns, cut.size]).toEqual([false, 0]);
});

it('HF-EVT-8: who comes back at another process stays, too, and what was said in the end holds', () => {
  const { all, pass, told } = hubs(3);
  const [one, two] = all as [SessionPresence, SessionPresence, SessionPresence];
  const [first, second] = [{}, {}];
  one.set(first, ada, 'here');
  pass(2);
  one.leaveSoon(first);
  pass(1);
  two.set(second, ada, 'here');
  pass(10);
  expect(told(2)).toEqual([['ada here']]);
  two.leaveSoon(second);
  two.set(second, ada, 'away');
  pass(1);
  expect(told(2)).toEqual([['ada here'], []]);
  // Nobody stays who has said nothing.
  two.leaveSoon({});
  expect(two.hasStandIns).toBe(true);
  pass(5);
  expect(two.hasStandIns).toBe(false);
  expect(told(2)).toHaveLength(2);
});

it('HF-EVT-8: who was at a process that closes has not left when it comes to another one', () => {
  const { all, cut, pass, told } = hubs(2);
  const [one, two] = all as [SessionPresence, SessionPresence];
  const [stream, socket] = [{}, {}];
  one.set(stream, ada, 'here');
  one.set(socket, bob, 'here');
  pass(2);
  one.leaveSoon(stream);
  one.close();
  cut.add(0);
  expect(told(1).at(-1)).toEqual(['ada here']);
  pass(10);
  two.set({}, ada, 'here');
  pass(10);
  expect(told(1).at(-1)).toEqual(['ada here']);
});

it('HF-EVT-7: a request speaks for a connection of its participant, and for no other', () => {
  const { all, pass } = hubs(1);
  const [hub] = all as [SessionPresence];
  const key = {};
  const say = (words: object) => hub.receive(JSON.stringify(words));
  hub.address('c1', { key, participant: ada });
  for (const words of [
    { conn: 'c1', by: 'bob', state: 'here' },
    { conn: 'c2', by: 'ada', state: 'here' },
    { conn: 'c1', by: 'ada', state: 'asleep' },
    { conn: 1, by: 'ada', state: 'here' },
    { conn: 'c1', state: 'here' },
  ])
    say(words);
  expect(hub.who).toEqual([]);
  say({ conn: 'c1', by: 'ada', state: 'here' });
  expect(states(hub.who)).toEqual(['ada here']);
  pass(1);
  say({ conn: 'c1', by: 'ada', state: 'typing' });
  expect(states(hub.who)).toEqual(['ada typing']);
  // Its stream is cut: until it is begun anew it may still be spoken for.
  hub.leaveSoon(key);
  pass(1);
  say({ conn: 'c1', by: 'ada', state: 'away' });
  expect(hub.who).toEqual([]);
  pass(5);
  say({ conn: 'c1', by: 'ada', state: 'here' });
  expect(hub.who).toEqual([]);
});
