import { describe, expect, it, vi } from 'vitest';
import { EventClient } from '../support/event-client.ts';
import { stores } from '../support/logs.ts';
import { startServer, type TestServer } from '../support/server.ts';

const as = (name: string) => ({ authorization: `Bearer ${name}` });

const follow = async (server: TestServer, s: string, query: string) =>
  new EventClient(await fetch(`${server.api}/${s}/events${query}`, { headers: as('ada') }));

const say = async (server: TestServer, s: string, name: string, body: unknown) =>
  (
    await fetch(`${server.api}/${s}/presence`, {
      method: 'POST',
      headers: { ...as(name), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).status;

/** What somebody at a socket is told of who is there. */
async function watch(server: TestServer, s: string): Promise<() => readonly string[]> {
  const socket = await server.greet('bob');
  socket.send({ t: 'sub', r: 1, s });
  await socket.next('live');
  return () =>
    socket.frames.flatMap((frame) =>
      frame.t === 'presence' ? [frame.who.map((each) => `${each.id} ${each.state}`).join()] : [],
    );
}

describe.each(Object.entries(stores))('who is there by streams of events, over %s', (_, open) => {
  const newId = () => `s-${crypto.randomUUID()}`;
  /** A process on the store that the others have, too. */
  const start = (log: ReturnType<typeof open>) =>
    startServer({
      log: log(),
      authorize: ({ token, sessionId }) =>
        token === undefined || (token === 'eve' && sessionId !== null) ? null : { id: token },
    });

  it('HF-EVT-7: a request says it at whichever process, for a stream of its own only', async () => {
    const log = open();
    await using one = await start(log);
    await using two = await start(log);
    const s = newId();
    const told = await watch(two, s);
    const stream = await follow(one, s, '');
    const { conn } = await stream.next('welcome');
    await stream.next('live');
    expect(await say(two, s, 'ada', { conn, state: 'here' })).toBe(204);
    await vi.waitFor(() => expect(told()).toEqual(['ada here']));
    expect(await say(two, s, 'bob', { conn, state: 'away' })).toBe(204);
    expect(await say(two, s, 'ada', { conn: 'another', state: 'away' })).toBe(204);
    expect(await say(two, s, 'eve', { conn, state: 'away' })).toBe(403);
    for (const bad of [{}, { conn }, { conn, state: 'asleep' }, { conn: 1, state: 'here' }])
      expect(await say(two, s, 'ada', bad)).toBe(400);
    expect(await say(one, s, 'ada', { conn, state: 'away' })).toBe(204);
    await vi.waitFor(() => expect(told()).toEqual(['ada here', '']), 3_000);
    await stream.leave();
    expect(await say(two, s, 'ada', { conn, state: 'here' })).toBe(204);
  });

  it('HF-EVT-8: a stream that is cut and begun anew, here or elsewhere, and polls, change nothing', async () => {
    const log = open();
    await using one = await start(log);
    await using two = await start(log);
    const s = newId();
    const told = await watch(two, s);
    const first = await follow(one, s, '?presence=here');
    await first.next('live');
    await vi.waitFor(() => expect(told()).toEqual(['ada here']));
    await first.leave();
    await vi.waitFor(() => expect(one.holdfast.connections).toBe(0));
    const second = await follow(one, s, `?presence=here&pos=${first.lastEventId}`);
    await second.next('live');
    await second.leave();
    for (const server of [one, two, one]) {
      const poll = await follow(server, s, '?presence=here&wait=0');
      expect(await poll.ended).toBe('ended');
    }
    const last = await follow(two, s, '');
    const { conn } = await last.next('welcome');
    // What is said in the end comes behind all that could have been told before.
    await say(two, s, 'ada', { conn, state: 'typing' });
    await vi.waitFor(() => expect(told()).toEqual(['ada here', 'ada typing']), 3_000);
    await last.leave();
  });

  it('HF-EVT-8: who loses the right to read has left at once', async () => {
    const log = open();
    await using one = await start(log);
    await using two = await start(log);
    const s = newId();
    const told = await watch(two, s);
    const stream = await follow(one, s, '?presence=here');
    await vi.waitFor(() => expect(told()).toEqual(['ada here']));
    await two.holdfast.disconnect({ participant: 'ada', session: s });
    expect(await stream.ended).toBe('ended');
    await vi.waitFor(() => expect(told()).toEqual(['ada here', '']), 3_000);
  });
});
