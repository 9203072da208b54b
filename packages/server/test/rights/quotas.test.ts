import { defaultLimits } from '@holdfast/protocol';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { type Paced, Quotas } from '../../src/rights/quotas.ts';
import { bytesOf, filesOf } from '../support/files.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';

interface Refused {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code: string | undefined;
  readonly retryMs: number | undefined;
}

async function serve(
  limits: NonNullable<HoldfastOptions['limits']>,
  options: HoldfastOptions = {},
) {
  const { agent, ...gate } = gatedAgent();
  const server = await startOwnServer({
    agent,
    limits,
    authorize: ({ request, token }) => ({ id: token ?? request.headers.get('x-who') ?? 'alice' }),
    ...options,
  });
  return { server, gate };
}

/** Without a body it is a `GET`. */
async function ask(server: TestServer, who: string, path: string, body?: object): Promise<Refused> {
  const url = `${server.api}${path === '' ? '' : `/${path}`}`;
  const response = body
    ? await postJson(url, body, { 'x-who': who })
    : await fetch(url, { headers: { 'x-who': who } });
  const text = await response.text();
  const { error } = (text === '' ? {} : JSON.parse(text)) as {
    error?: { code: string; retryMs?: number };
  };
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    code: error?.code,
    retryMs: error?.retryMs,
  };
}

const send = (id: string, command: string) => ({
  id,
  command,
  trigger: 'submit-message',
  message: userMessage(command, command),
});
const id = () => `s-${crypto.randomUUID()}`;
const tooFast = { status: 429, code: 'rate' };

describe('what one participant may take', () => {
  it('S9, HF-QUOTA-1: sends come at a rate, and others are not held up', async () => {
    const { server } = await serve({ sendsPerMinute: 3 });
    const s = id();
    for (const command of ['1', '2', '3'])
      expect((await ask(server, 'rex', '', send(s, command))).status).toBe(200);
    const refused = await ask(server, 'rex', '', send(s, '4'));
    expect(refused).toMatchObject(tooFast);
    expect(refused.retryMs).toBeGreaterThan(15_000);
    expect(refused.retryMs).toBeLessThanOrEqual(20_000);
    expect(Number(refused.retryAfter)).toBe(Math.ceil((refused.retryMs ?? 0) / 1_000));
    expect(
      await ask(server, 'rex', `${s}/steer`, { message: userMessage('5', '5') }),
    ).toMatchObject(tooFast);
    expect(
      await ask(server, 'rex', `${s}/answer`, { messageId: 'm', answers: [{ type: 'x' }] }),
    ).toMatchObject(tooFast);
    expect(await ask(server, 'rex', `${s}/queue`, { order: [] })).toMatchObject(tooFast);
    // Whoever goes too fast must be able to stop what they began, and to take out what waits.
    expect((await ask(server, 'rex', `${s}/queue`, { remove: ['2'] })).status).toBe(200);
    expect((await ask(server, 'rex', `${s}/cancel`, { command: '1' })).status).toBe(200);
    expect((await ask(server, 'alice', '', send(s, 'a'))).status).toBe(200);
  });

  it('S9, HF-QUOTA-1: reads come at a rate', async () => {
    const { server } = await serve({ readsPerMinute: 2 });
    const s = id();
    for (const path of [s, `${s}/stream`])
      expect((await ask(server, 'rex', path)).status).toBeLessThan(300);
    for (const path of [s, `${s}/stream`, `${s}?limit=1`])
      expect(await ask(server, 'rex', path)).toMatchObject(tooFast);
    expect((await ask(server, 'bob', s)).status).toBe(200);
  });

  it('S9, HF-QUOTA-1: sessions are begun at a rate, and those that are there go on', async () => {
    const { server } = await serve({ sessionsPerHour: 2 });
    const [a, b] = [id(), id()];
    for (const s of [a, b]) expect((await ask(server, 'rex', '', send(s, '1'))).status).toBe(200);
    const refused = await ask(server, 'rex', '', send(id(), '1'));
    expect(refused).toMatchObject(tooFast);
    expect(refused.retryMs).toBeGreaterThan(1_000_000);
    await vi.waitFor(async () =>
      expect((await ask(server, 'rex', '', send(a, '2'))).status).toBe(200),
    );
    expect((await ask(server, 'bob', '', send(id(), '1'))).status).toBe(200);
  });

  it('S9, HF-FILE-7: bytes are uploaded at a rate', async () => {
    const { server } = await serve({ hourlyUploadBytes: 250 });
    const [rex, bob] = ['rex', 'bob'].map((who) => filesOf(server, id(), { 'x-who': who }));
    for (const at of [0, 1]) expect((await rex?.piece('u', at, bytesOf(100)))?.status).toBe(200);
    expect((await rex?.piece('u', 2, bytesOf(100)))?.status).toBe(429);
    expect((await bob?.piece('u', 0, bytesOf(100)))?.status).toBe(200);
    expect((await rex?.piece('u', 2, bytesOf(40)))?.status).toBe(200);
  });

  it('S9, HF-QUOTA-1: a participant has so many answers at a time, and a repetition is no other', async () => {
    const { server, gate } = await serve({ participantRuns: 2 });
    const sessions = [id(), id()];
    for (const s of sessions) await ask(server, 'rex', '', send(s, '1'));
    const full = { status: 429, code: 'limit' };
    const late = id();
    expect(await ask(server, 'rex', '', send(late, '1'))).toMatchObject(full);
    expect((await ask(server, 'rex', '', send(sessions[0] ?? '', '1'))).status).toBe(200);
    expect((await ask(server, 'bob', '', send(late, 'b'))).status).toBe(200);
    await vi.waitFor(() => expect(gate.calls).toHaveLength(3));
    for (const s of sessions) await ask(server, 'rex', `${s}/cancel`, { command: '1' });
    await vi.waitFor(
      async () => expect((await ask(server, 'rex', '', send(late, '1'))).status).toBe(200),
      { timeout: 20_000 },
    );
  });

  it('S9, HF-QUOTA-1: a session has so many live runs, whoever asks; what waits and what the server runs is not among them', async () => {
    const { server } = await serve(
      { sessionRuns: 2 },
      { whileBusy: ({ asked = 'parallel' }) => asked },
    );
    const s = id();
    for (const who of ['a', 'b']) await ask(server, who, '', send(s, who));
    expect(await ask(server, 'c', '', send(s, 'c'))).toMatchObject({ status: 429, code: 'limit' });
    expect((await ask(server, 'c', '', { ...send(s, 'c'), whileBusy: 'queue' })).status).toBe(200);
    const { state } = await server.holdfast
      .session(s)
      .run({ agent: 'searcher' }, () => (async function* () {})());
    expect(state).toBe('finished');
  });

  it('S9, HF-QUOTA-1: streams that are open count as sockets do', async () => {
    const { server, gate } = await serve({ participantConnections: 2 });
    const s = id();
    await ask(server, 'alice', '', send(s, '1'));
    gate.emit({ type: 'start' }, { type: 'text-start', id: 't' });
    const open = () => fetch(`${server.api}/${s}/stream`, { headers: { 'x-who': 'rex' } });
    const streams = [await open(), await open()];
    expect((await open()).status).toBe(429);
    const socket = await server.dial();
    socket.send({ t: 'hello', v: 1, token: 'rex' });
    expect(await socket.closed).toMatchObject({ code: 4429 });
    await streams[0]?.body?.cancel();
    await vi.waitFor(async () => expect((await open()).status).toBe(200), { timeout: 20_000 });
  });

  it('S9, HF-QUOTA-1: streams count also where a send is answered by them, or many are asked for at once', async () => {
    const { server, gate } = await serve({ participantConnections: 2 });
    const [s, other] = [id(), id()];
    const say = (session: string, message: string) =>
      postJson(
        server.api,
        { id: session, trigger: 'submit-message', messages: [userMessage(message, 'Hi')] },
        { 'x-who': 'rex' },
      );
    // The same send again is answered by the stream of the same run.
    const said = [await say(s, 'm'), await say(s, 'm')];
    expect(said.map(({ status }) => status)).toEqual([200, 200]);
    expect((await say(s, 'm')).status).toBe(429);
    expect((await say(other, 'n')).status).toBe(429);
    expect((await server.holdfast.session(other).messages()).messages).toEqual([]);
    gate.emit({ type: 'start' }, { type: 'text-start', id: 't' });
    const read = (who: string) => fetch(`${server.api}/${s}/stream`, { headers: { 'x-who': who } });
    // Until there is something to read.
    const early = await vi.waitFor(async () => {
      const stream = await read('eve');
      expect(stream.status).toBe(200);
      return stream;
    });
    expect(gate.calls).toHaveLength(1);
    const streams = await Promise.all(['bob', 'bob', 'bob', 'bob'].map(read));
    expect(streams.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
    for (const { body } of [...said, early, ...streams]) await body?.cancel();
  });

  it('S9, HF-QUOTA-1: a participant has so many sockets at a time', async () => {
    const { server } = await serve({ participantConnections: 2 });
    const sockets = [await server.greet('rex'), await server.greet('rex')];
    const third = await server.dial();
    third.send({ t: 'hello', v: 1, token: 'rex' });
    expect(await third.closed).toMatchObject({ code: 4429 });
    await server.greet('bob');
    sockets[0]?.terminate();
    await vi.waitFor(async () => {
      const next = await server.greet('rex');
      expect(next.socket.readyState).toBe(next.socket.OPEN);
    });
  });
});

describe('quotas', () => {
  const limits = {
    ...defaultLimits,
    ...{ sendsPerMinute: 10, readsPerMinute: 20, sessionsPerHour: 5, hourlyUploadBytes: 50 },
  };
  const share: Readonly<Record<Paced, readonly [most: number, ms: number]>> = {
    send: [10, 60_000],
    read: [20, 60_000],
    session: [5, 3_600_000],
    upload: [50, 3_600_000],
  };
  const count: Partial<Record<Paced, number>> = { upload: 7 };
  const step = fc.record({
    who: fc.constantFrom('a', 'b', 'c'),
    what: fc.constantFrom<Paced>('send', 'read', 'session', 'upload'),
    after: fc.integer({ min: 0, max: 120_000 }),
  });

  it('HF-QUOTA-1: nobody gets more than the share of the time and a burst, and a wait is never in vain', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        let now = 1_000;
        const quotas = new Quotas(limits, { now: () => now });
        const taken = new Map<string, number>();
        for (const { who, what, after } of steps) {
          now += after;
          const [most, ms] = share[what];
          try {
            quotas.take(who, what, count[what]);
          } catch (error) {
            now += (error as { retryMs: number }).retryMs;
            quotas.take(who, what, count[what]);
          }
          const key = `${who} ${what}`;
          taken.set(key, (taken.get(key) ?? 0) + (count[what] ?? 1));
          expect(taken.get(key)).toBeLessThanOrEqual(most + ((now - 1_000) / ms) * most + 1e-6);
        }
      }),
    );
  });

  it('HF-QUOTA-1: a clock that is set back neither gives nor takes', () => {
    let now = 1_000_000;
    const quotas = new Quotas(limits, { now: () => now });
    for (let count = 0; count < 10; count++) quotas.take('a', 'send');
    now -= 3_600_000;
    expect(() => quotas.take('a', 'send')).toThrow(/10 sends a minute/);
    now += 6_000;
    quotas.take('a', 'send');
    expect(() => quotas.take('a', 'send')).toThrow(/sends a minute/);
  });

  it('S9: participants who use nothing are not kept', () => {
    let now = 1_000;
    const quotas = new Quotas(limits, { now: () => now });
    const leave = quotas.hold('stays', 'connection');
    for (let count = 0; count < 30_000; count++) {
      quotas.take(`p${count}`, 'send');
      now += 60_000;
    }
    expect(quotas.size).toBeLessThanOrEqual(10_001);
    expect(quotas.hasRoom('stays', 'connection')).toBe(true);
    leave();
    leave();
    expect(quotas.hasRoom('stays', 'connection')).toBe(true);
  });

  it('S9: participants whose share has no end are not kept either', () => {
    const endless = { ...limits, sendsPerMinute: Number.POSITIVE_INFINITY };
    const quotas = new Quotas(endless, { now: () => 1_000 });
    for (let count = 0; count < 30_000; count++) quotas.take(`p${count}`, 'send');
    expect(quotas.size).toBeLessThanOrEqual(10_001);
  });
});
