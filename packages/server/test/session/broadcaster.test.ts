import { expect, it } from 'vitest';
import { Few } from '../../src/few.ts';
import { Broadcaster, tell } from '../../src/session/broadcaster.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function crowd(size: number) {
  const listeners = new Set(Array.from({ length: size }, (_, at) => at));
  const told: number[] = [];
  const members = { has: (each: number) => listeners.has(each), list: () => [...listeners] };
  const broadcaster = new Broadcaster(members, (listener) => told.push(listener));
  return { listeners, told, broadcaster };
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

it('tells a few at once', () => {
  const { told, broadcaster } = crowd(100);
  broadcaster.begin();
  expect(told).toEqual(upTo(100));
});

it('tells many in slices, and lets the event loop have its turn in between', async () => {
  const { told, broadcaster } = crowd(250);
  broadcaster.begin();
  expect(told).toHaveLength(100);
  await turn();
  expect(told).toHaveLength(200);
  await turn();
  expect(told).toEqual(upTo(250));
});

it('tells of what came meanwhile once, behind those who had no turn yet', async () => {
  const { told, broadcaster } = crowd(150);
  broadcaster.begin();
  broadcaster.begin();
  broadcaster.begin();
  while (told.length < 300) await turn();
  await turn();
  expect(told).toEqual([...upTo(150), ...upTo(150)]);
});

it('begins anew when it is done', async () => {
  const { told, broadcaster } = crowd(150);
  broadcaster.begin();
  while (told.length < 150) await turn();
  broadcaster.begin();
  while (told.length < 300) await turn();
  expect(told).toEqual([...upTo(150), ...upTo(150)]);
});

it('does not tell who has left meanwhile', async () => {
  const { listeners, told, broadcaster } = crowd(150);
  broadcaster.begin();
  listeners.delete(120);
  listeners.delete(10);
  while (told.length < 149) await turn();
  await turn();
  expect(told).toEqual(upTo(150).filter((at) => at !== 120));
});

it.each([
  { who: 'an only one', come: ['a'], left: ['a'], isDirect: true },
  { who: 'several', come: ['a', 'b'], left: ['a', 'b'], isDirect: false },
  { who: 'the one that is left of several', come: ['a', 'b'], left: ['b'], isDirect: false },
  { who: 'nobody', come: [], left: [], isDirect: false },
])('tells $who, and makes a broadcaster for any but an only one', ({ come, left, isDirect }) => {
  const listeners = new Few<{ readonly name: string }>();
  const told: string[] = [];
  const all = come.map((name) => ({ name }));
  for (const each of all) listeners.add(each);
  for (const each of all) if (!left.includes(each.name)) listeners.delete(each);
  const note = ({ name }: { readonly name: string }) => told.push(name);
  const broadcaster = tell(listeners, note, null);
  expect([told, broadcaster === null]).toEqual([left, isDirect]);
  // Who comes later is told as well, and by the same one.
  listeners.add({ name: 'c' });
  const next = tell(listeners, note, broadcaster);
  expect(told).toEqual([...left, ...left, 'c']);
  expect(broadcaster === null || next === broadcaster).toBe(true);
});

it('HF-SUB-5: many sockets get every entry of a fast agent once and in order', async () => {
  const gated = gatedAgent();
  const limits = { participantConnections: 200 };
  await using server = await startServer({ agent: gated.agent, limits });
  const clients = await Promise.all(Array.from({ length: 150 }, () => server.greet()));
  for (const client of clients) client.send({ t: 'sub', r: 1, s: 's' });
  await Promise.all(clients.map((client) => client.next('live')));
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  gated.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  for (let at = 0; at < 60; at++) {
    gated.emit({ type: 'text-delta', id: 't', delta: `${at} ` });
    if (at % 5 === 0) await turn();
  }
  gated.end();
  const ends = clients.map((client) =>
    client.until((frame) => frame.t === 'entry' && frame.d.k === 'run-end'),
  );
  await Promise.all(ends);
  const [first] = clients;
  const ids = first?.entries.map(({ p, i }) => [p, i]);
  for (const { entries } of clients) expect(entries.map(({ p, i }) => [p, i])).toEqual(ids);
  for (const [at, entry] of first?.entries.entries() ?? [])
    if (at > 0) expect(entry.p).toBe(first?.entries[at - 1]?.i);
});
