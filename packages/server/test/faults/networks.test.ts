import { closeCodes, formatPosition } from '@holdfast/protocol';
import fc from 'fast-check';
import { expect, it, onTestFinished, vi } from 'vitest';
import { gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { type Carrier, carriers, userMessage } from '../support/server.ts';
import { Shown } from '../support/shown.ts';
import { spoken } from '../support/spoken.ts';
import { Viewer } from './viewer.ts';

const patient = { timeout: 60_000 };
const words = spoken('w');
const whole = words.join('');

/** A run that says what it is let say, and a client of it behind a network of its own. */
async function followed(
  carrier: Carrier,
  limits: { heartbeatMs?: number; pongTimeoutMs?: number } = {},
) {
  const gated = gatedAgent();
  const server = await startOwnServer({ agent: gated.agent, limits });
  const viewer = await Viewer.start('s', () => [server.origin], carrier);
  onTestFinished(() => viewer.close());
  const { run } = await server.send({ id: 's', message: userMessage('m', 'Hi') });
  gated.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  const say = (from: number, to: number) => {
    for (const delta of words.slice(from, to)) gated.emit({ type: 'text-delta', id: 't', delta });
  };
  const end = async () => {
    gated.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
    gated.end();
    await vi.waitFor(
      () => expect(viewer.shown.projection.run(run)?.state).toBe('finished'),
      patient,
    );
    expect(viewer.shown.text(run)).toBe(whole);
    expect(viewer.shown.breaks).toEqual([]);
  };
  const heard = (text: string) =>
    vi.waitFor(() => expect(viewer.shown.text(run)).toBe(text), patient);
  return { server, viewer, run, say, end, heard };
}

it.each(carriers)(
  'F1, HF-SUB-5, HF-EVT-2: a network that is cut 100 times, at any byte, costs a client nothing and repeats nothing: %s',
  async (carrier) => {
    const { viewer, say, end, heard } = await followed(carrier);
    const cuts = fc.sample(fc.integer({ min: 1, max: 1_500 }), { seed: 1, numRuns: 100 });
    for (const [at, bytes] of cuts.entries()) {
      viewer.network.cutAfter(bytes);
      say(at * 10, at * 10 + 10);
      // Half of them come into the middle of what is under way.
      if (at % 2) await heard(words.slice(0, at * 10 + 10).join(''));
    }
    await viewer.network.pass();
    await end();
    expect(viewer.shown.modes.length).toBeGreaterThan(20);
    // Whoever came back had all that it had been shown, and was told the rest.
    const behindFirst = viewer.shown.modes.slice(viewer.shown.modes.indexOf('replay'));
    expect(new Set(behindFirst)).toEqual(new Set(['replay']));
  },
  120_000,
);

it('F2, HF-LIVE-1: a client that sleeps is let go, costs nothing, and goes on from where it was when it wakes', async () => {
  const { server, viewer, say, end, heard } = await followed('socket', {
    heartbeatMs: 200,
    pongTimeoutMs: 200,
  });
  say(0, 300);
  await heard(words.slice(0, 300).join(''));
  const { length } = viewer.shown.modes;
  viewer.network.blackhole();
  say(300, 900);
  await vi.waitFor(() => expect(server.holdfast.connections).toBe(0), patient);
  expect(viewer.shown.modes).toHaveLength(length);
  say(900, 1_000);
  // What its system holds of the old connection is gone too.
  viewer.network.reset();
  await viewer.network.pass();
  await end();
  expect(viewer.shown.modes.slice(length)).toEqual(['replay']);
}, 120_000);

it('F15: credentials that end in mid-answer are renewed in place; where they are not, the client goes on behind them with new ones', async () => {
  const gated = gatedAgent();
  const server = await startOwnServer({
    agent: gated.agent,
    authorize: ({ token }) => ({ id: 'ann', expiresInMs: token === 'short' ? 8_000 : 600_000 }),
  });
  const { run } = await server.send({ id: 's', message: userMessage('m', 'Hi') });
  gated.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  const say = (from: number, to: number) => {
    for (const delta of words.slice(from, to)) gated.emit({ type: 'text-delta', id: 't', delta });
  };
  const follow = async (token: string, shown: Shown) => {
    const client = await server.greet(token);
    client.socket.on('message', (data) => shown.receive(JSON.parse(data.toString())));
    const pos = shown.position ? { pos: formatPosition(shown.position) } : {};
    client.send({ t: 'sub', r: 1, s: 's', ...pos });
    await client.next('live');
    return client;
  };
  const [renewed, expired] = [new Shown(), new Shown()];
  const one = await follow('short', renewed);
  const two = await follow('short', expired);
  say(0, 300);
  await one.next('reauth');
  one.send({ t: 'auth', r: 2, token: 'long' });
  expect(await one.next('res')).toMatchObject({ ok: {} });
  say(300, 600);
  expect((await two.closed).code).toBe(closeCodes.tokenExpired.code);
  say(600, 1_000);
  await follow('long', expired);
  for (const shown of [renewed, expired]) {
    await vi.waitFor(() => expect(shown.text(run)).toBe(whole), patient);
    expect(shown.breaks).toEqual([]);
  }
  expect(one.socket.readyState).toBe(one.socket.OPEN);
  expect([renewed.modes.length, expired.modes]).toEqual([1, ['snapshot', 'replay']]);
}, 60_000);
