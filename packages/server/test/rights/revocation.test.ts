import type { Delivery } from '@holdfast/log';
import type { ServerFrame } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { Authorize, HoldfastOptions, Participant } from '../../src/index.ts';
import { type GatedAgent, gatedAgent } from '../support/gated-agent.ts';
import { changed, deaf, stores } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, textOf } from '../support/talk.ts';

const is =
  (t: ServerFrame['t'], session?: string) =>
  (frame: ServerFrame): boolean =>
    frame.t === t && (session === undefined || ('s' in frame && frame.s === session));

describe.each(Object.entries(stores))('rights that end, over %s', (_, open) => {
  const id = () => `s-${crypto.randomUUID()}`;

  /** Two nodes of one deployment; who is in `removed` is refused everything. */
  async function serve(options: HoldfastOptions = {}) {
    const log = open();
    const removed = new Set<string>();
    const asked: string[] = [];
    const authorize: Authorize = ({ request, token, action, sessionId }) => {
      const who = token ?? request.headers.get('x-who') ?? 'alice';
      asked.push(`${who} ${action}`);
      const isIn = !removed.has(who) && !removed.has(`${who} ${sessionId}`);
      return isIn ? { id: who } : null;
    };
    const { agent, ...gate } = gatedAgent();
    const start = async (more: HoldfastOptions = {}) => {
      return await startOwnServer({ log: log(), agent, authorize, ...options, ...more });
    };
    return { one: await start(), two: await start(), start, log, removed, asked, gate };
  }

  async function follow(server: TestServer, who: string, ...sessions: readonly string[]) {
    const client = await server.greet(who);
    for (const [r, s] of sessions.entries()) client.send({ t: 'sub', r, s });
    for (const s of sessions) await client.until(is('subbed', s));
    return client;
  }

  const sendAs = (server: TestServer, who: string, session: string, text: string) =>
    server.post(
      {
        id: session,
        command: text,
        trigger: 'submit-message',
        message: userMessage(text, text),
      },
      { headers: { 'content-type': 'application/json', 'x-who': who } },
    );

  const words = (gate: Omit<GatedAgent, 'agent'>, text: string) =>
    gate.emit(
      { type: 'start' },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: text },
    );

  it('S16, HF-AUTH-3: a participant’s sockets on every node are closed, and nobody else’s', async () => {
    const { one, two, removed } = await serve();
    const [s, other] = [id(), id()];
    const rex = [await follow(one, 'rex', s, other), await follow(two, 'rex', s)];
    const bob = await follow(two, 'bob', s);
    removed.add('rex');
    await one.holdfast.disconnect({ participant: 'rex' });
    for (const client of rex) {
      expect(await client.closed).toEqual({ code: 4403, reason: 'forbidden' });
      const told = client.frames.filter(is('closed'));
      expect(told).toHaveLength(client === rex[0] ? 2 : 1);
      for (const frame of told) expect(frame).toMatchObject({ why: 'forbidden' });
    }
    await sendAs(one, 'alice', s, 'hello');
    expect((await bob.entry('message')).s).toBe(s);
    expect(rex.flatMap(({ entries }) => entries)).toEqual([]);
  });

  it('S16, HF-AUTH-3: a participant loses one session, and keeps the socket and the others', async () => {
    const { one, two, removed } = await serve();
    const [s, other] = [id(), id()];
    const rex = await follow(two, 'rex', s, other);
    removed.add(`rex ${s}`);
    await one.holdfast.disconnect({ participant: 'rex', session: s });
    expect(await rex.until(is('closed'))).toEqual({ t: 'closed', s, why: 'forbidden' });
    await sendAs(one, 'alice', s, 'secret');
    await sendAs(one, 'alice', other, 'open');
    expect(await rex.entry('message')).toMatchObject({ s: other });
    rex.send({ t: 'sub', r: 7, s });
    expect(await rex.next('res')).toMatchObject({ r: 7, err: { code: 'forbidden' } });
    rex.send({ t: 'ping' });
    await rex.next('pong');
  });

  it('HF-AUTH-3: everybody loses a session, and who is still allowed comes back', async () => {
    const { one, two } = await serve();
    const s = id();
    const clients = [await follow(one, 'alice', s), await follow(two, 'bob', s)];
    await two.holdfast.disconnect({ session: s });
    for (const client of clients) await client.until(is('closed', s));
    clients[0]?.send({ t: 'sub', r: 9, s });
    expect(await clients[0]?.until(is('subbed'))).toMatchObject({ r: 9 });
  });

  it('HF-AUTH-3: an open HTTP stream ends with words, on another node too', async () => {
    const { one, two, removed, gate } = await serve();
    const s = id();
    await sendAs(one, 'alice', s, 'hello');
    words(gate, 'Hel');
    const headers = { 'x-who': 'rex' };
    const stream = await fetch(`${two.api}/${s}/stream`, { headers });
    const reading = stream.text();
    const sent = await two.post(
      { id: s, messages: [userMessage('own', 'own')] },
      { headers: { 'content-type': 'application/json', 'x-who': 'rex' } },
    );
    const own = sent.text();
    removed.add('rex');
    await one.holdfast.disconnect({ participant: 'rex', session: s });
    expect(await reading).toMatch(
      /"type":"error","errorText":"You may not read this chat any more\."/,
    );
    expect(await own).toMatch(/may not read/);
    words(gate, 'secret');
    expect(await reading).not.toContain('secret');
  });

  it('HF-AUTH-3: a right that ends while it is being asked for opens nothing', async () => {
    const asking = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Participant>();
    let times = 0;
    const { one, two } = await serve({
      authorize: ({ action, token }) => {
        if (action !== 'read' || token !== 'rex') return { id: token ?? 'alice' };
        asking.resolve();
        return times++ === 0 ? answer.promise : null;
      },
    });
    const s = id();
    const rex = await one.greet('rex');
    await one.holdfast.disconnect({ session: 'warm' });
    rex.send({ t: 'sub', r: 1, s });
    await asking.promise;
    await two.holdfast.disconnect({ participant: 'rex', session: s });
    // The signal reaches this node before the application has answered.
    const bob = await follow(one, 'bob', s);
    await two.holdfast.disconnect({ participant: 'bob', session: s });
    await bob.until(is('closed'));
    answer.resolve({ id: 'rex' });
    expect(await rex.next('res')).toMatchObject({ r: 1, err: { code: 'forbidden' } });
  });

  it('HF-AUTH-3: read is asked again every recheckMs, for sockets and streams', async () => {
    const { one, removed, gate } = await serve({ limits: { recheckMs: 40 } });
    const s = id();
    const client = await follow(one, 'rex', s);
    await sendAs(one, 'alice', s, 'hello');
    words(gate, 'Hel');
    const stream = await fetch(`${one.api}/${s}/stream`, { headers: { 'x-who': 'rex' } });
    removed.add('rex');
    expect(await client.until(is('closed'))).toMatchObject({ why: 'forbidden' });
    expect(await stream.text()).toMatch(/may not read/);
  });

  it('HF-AUTH-3: read is asked again behind auth, with the new token', async () => {
    const tokens = new Map([
      ['old', true],
      ['new', false],
    ]);
    const { one } = await serve({
      authorize: ({ action, token = '' }) =>
        action === 'connect' || tokens.get(token) ? { id: 'rex' } : null,
    });
    const s = id();
    const client = await follow(one, 'old', s);
    client.send({ t: 'auth', r: 2, token: 'new' });
    expect(await client.until(is('closed'))).toMatchObject({ why: 'forbidden' });
  });

  it('HF-AUTH-3: an application that cannot tell takes no right, and is asked again', async () => {
    let isAway = false;
    const { one, asked } = await serve({
      limits: { recheckMs: 20 },
      authorize: ({ action, token }) => {
        if (action === 'read') asked.push('read');
        if (isAway) throw new Error('the database is away');
        return { id: token ?? 'alice' };
      },
    });
    const s = id();
    const client = await follow(one, 'alice', s);
    isAway = true;
    const before = asked.length;
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(before + 1), { timeout: 20_000 });
    isAway = false;
    await sendAs(one, 'alice', s, 'hello');
    expect(await client.entry('message')).toMatchObject({ s });
    expect(client.frames.filter(is('closed'))).toEqual([]);
  });

  it('HF-AUTH-3: who may have missed that rights ended asks the application again', async () => {
    const { log, start, removed } = await serve();
    let gap = (): void => {};
    const shared = log();
    const halfDeaf = changed(shared, {
      subscribe: async (session, listener) => {
        if (session !== 'holdfast__control') return await shared.subscribe(session, listener);
        gap = () => listener({ kind: 'gap' } satisfies Delivery);
        return () => {};
      },
    });
    const server = await start({ log: halfDeaf });
    const s = id();
    const client = await follow(server, 'rex', s);
    removed.add('rex');
    gap();
    expect(await client.until(is('closed'))).toMatchObject({ why: 'forbidden' });
  }, 60_000);

  it('HF-AUTH-3: a log that passes nothing on is told of, and the right ends at the next look', async () => {
    const { one, start, removed, log } = await serve();
    const server = await start({ log: deaf(log()), limits: { recheckMs: 50 } });
    const s = id();
    const client = await follow(server, 'rex', s);
    removed.add('rex');
    await one.holdfast.disconnect({ participant: 'rex' });
    await client.until(is('closed'));
  });

  it.each([
    ['nothing', {}],
    ['a participant that is no text', { participant: 7 }],
    ['a participant without a name', { participant: '' }],
    ['a session that can be none', { session: 'a b' }],
  ])('disconnect of %s is refused in words', async (_name, who) => {
    const { one } = await serve();
    await expect(one.holdfast.disconnect(who as object)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/^unable to disconnect: /),
    });
  });

  it('nobody reads or writes the session by which nodes tell each other', async () => {
    const { one } = await serve({ authorize: () => ({ id: 'rex' }) });
    const client = await one.greet();
    client.send({ t: 'sub', r: 1, s: 'holdfast__control' });
    expect(await client.next('res')).toMatchObject({ err: { code: 'forbidden' } });
    expect((await sendAs(one, 'rex', 'holdfast__control', 'x')).status).toBe(403);
  });

  describe('what waits', () => {
    const told = async (server: TestServer, s: string) => (await allPages(server, s)).map(textOf);

    it('S16, HF-AUTH-4: is asked for again before it begins, and taken out', async () => {
      const seen: unknown[] = [];
      const { one, removed, gate } = await serve({
        whileBusy: 'queue',
        stillAllowed: ({ participant, sessionId }) => {
          seen.push([participant.id, sessionId]);
          return !removed.has(participant.id);
        },
      });
      const s = id();
      await sendAs(one, 'alice', s, 'first');
      await sendAs(one, 'rex', s, 'removed');
      await sendAs(one, 'bob', s, 'second');
      removed.add('rex');
      gate.end();
      await vi.waitFor(() => expect(gate.calls).toHaveLength(2));
      expect(gate.calls.map(({ participant }) => participant.id)).toEqual(['alice', 'bob']);
      expect(await told(one, s)).toEqual(['first', 'second']);
      expect(seen).toEqual([
        ['rex', s],
        ['bob', s],
      ]);
      expect(one.errors.map(String).join()).toMatch(/not allowed to any more/);
      gate.end();
    });

    it.each([
      ['cannot tell', () => Promise.reject(new Error('the database is away'))],
      ['does not answer', () => new Promise<boolean>(() => {})],
    ])(
      'HF-AUTH-4: stays where the application %s',
      async (_, away) => {
        let isAway = true;
        const { one, gate } = await serve({
          whileBusy: 'queue',
          limits: { authorizeMs: 200 },
          stillAllowed: () => (isAway ? away() : true),
        });
        const s = id();
        await sendAs(one, 'alice', s, 'first');
        await sendAs(one, 'bob', s, 'second');
        gate.end();
        await vi.waitFor(() => expect(one.errors.length).toBeGreaterThan(0));
        expect(gate.calls).toHaveLength(1);
        isAway = false;
        await vi.waitFor(() => expect(gate.calls).toHaveLength(2), { timeout: 20_000 });
        gate.end();
      },
      60_000,
    );

    it('HF-AUTH-4: of a participant who is disconnected from the session is taken out', async () => {
      const { one, two, gate } = await serve({ whileBusy: 'queue' });
      const s = id();
      await sendAs(one, 'alice', s, 'first');
      await sendAs(one, 'rex', s, 'removed');
      await sendAs(one, 'bob', s, 'second');
      await two.holdfast.disconnect({ participant: 'rex', session: s });
      gate.end();
      await vi.waitFor(() => expect(gate.calls).toHaveLength(2));
      expect(gate.calls[1]?.participant.id).toBe('bob');
      gate.end();
    });

    it('HF-AUTH-4: a run that would be taken over for a removed participant ends as failed', async () => {
      const { log, start, removed } = await serve({ onLost: 'retry' });
      const s = id();
      const shared = log();
      const note = (nonce: number, entry: object) => ({ nonce, body: JSON.stringify(entry) });
      const start1 = {
        k: 'run-start',
        run: 'R',
        attempt: 1,
        agent: 'agent',
        messageId: 'M',
        at: 1,
      };
      const retry = { participant: { id: 'rex' }, trigger: 'submit-message' };
      await shared.send(s, {
        command: 'one',
        entries: [note(2, { ...start1, command: 'one' })],
        run: {
          run: 'R',
          info: JSON.stringify({ messageId: 'M', agent: 'agent', command: 'one' }),
          kept: JSON.stringify(retry),
          leaseMs: 1,
          stopped: note(3, { k: 'run-end', run: 'R', attempt: 1 }),
        },
      });
      removed.add('rex');
      const server = await start({
        limits: { pollMs: 20 },
        stillAllowed: ({ participant }) => !removed.has(participant.id),
      });
      server.holdfast.register(() => (async function* () {})());
      await follow(server, 'alice', s);
      await vi.waitFor(async () => {
        const read = await shared.read(s, { after: null, limit: 10 });
        const last = read.kind === 'entries' ? read.entries.at(-1)?.body : undefined;
        expect(JSON.parse(last ?? '{}')).toMatchObject({
          k: 'run-end',
          run: 'R',
          outcome: 'failed',
          reason: 'forbidden',
        });
      });
    });
  });
});
