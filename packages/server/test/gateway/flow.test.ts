import { closeCodes, type EntryFrame, formatPosition } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import { Window } from '../../src/gateway/window.ts';
import { answer, type GatedAgent, gatedAgent } from '../support/gated-agent.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';

const delta = (size: number) => ({ type: 'text-delta' as const, id: 't', delta: 'x'.repeat(size) });
const opening = answer('').slice(0, 2);

it('HF-FLOW-1: matches acknowledgements with what was sent', () => {
  const window = new Window(30_000);
  for (let seq = 1; seq <= 4; seq++) window.sent(seq, 10_000);
  expect(window.open).toBe(false);
  window.acked('1-1');
  expect(window.open).toBe(false);
  window.acked('2-1');
  expect(window.open).toBe(true);
  window.acked('4-1');
  window.sent(5, 29_999);
  expect(window.open).toBe(true);
  window.acked('3-1');
  window.sent(6, 1);
  expect(window.open).toBe(false);
});

/** Two follow a run that says 3,000 letters so many times: one acknowledges nothing, the other all the while (HF-FLOW-5). */
async function told(server: TestServer, gated: GatedAgent, times: number) {
  const client = await server.greet();
  const healthy = await server.greet();
  for (const each of [client, healthy]) each.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  gated.emit(...opening);
  for (let count = 1; count <= times; count++) {
    gated.emit(delta(3_000));
    await vi.waitFor(() => {
      const last = healthy.entries.at(-1);
      if (last) healthy.send({ t: 'ack', s: 's1', i: last.i });
      expect(textOf(healthy.entries)).toHaveLength(3_000 * count);
    });
  }
  return { client, healthy };
}

it('HF-FLOW-2: sends no more than the window to a client that does not acknowledge, then all of it', async () => {
  const gated = gatedAgent();
  const windowBytes = 20_000;
  await using server = await startServer({ agent: gated.agent, limits: { windowBytes } });
  const { client } = await told(server, gated, 30);
  const received = JSON.stringify(client.entries).length;
  expect(received).toBeLessThan(windowBytes + 2 * 4_000);
  gated.end();
  await vi.waitFor(() => {
    client.send({ t: 'ack', s: 's1', i: client.entries.at(-1)?.i });
    expect(client.entries.at(-1)?.d.k).toBe('run-end');
  });
  expect(textOf(client.entries)).toHaveLength(90_000);
});

it('HF-FLOW-3: gives a client that fell far behind a reset and a snapshot', async () => {
  const gated = gatedAgent();
  await using server = await startServer({
    agent: gated.agent,
    limits: { windowBytes: 5_000, lagBytes: 20_000 },
  });
  const { client, healthy } = await told(server, gated, 20);
  client.send({ t: 'ack', s: 's1', i: client.entries.at(-1)?.i });
  expect((await client.next('reset')).why).toBe('lag');
  const snap = await client.next('snap');
  const item = snap.items[1];
  const text = item && 'segments' in item ? item.segments[0]?.chunks.map((c) => c.delta ?? '') : [];
  expect(text?.join('')).toHaveLength(60_000);
  expect(snap.through).toBe(healthy.entries.at(-1)?.i);
});

it('HF-FLOW-4: closes a client that never acknowledges as too slow, which can resume', async () => {
  const gated = gatedAgent();
  await using server = await startServer({
    agent: gated.agent,
    limits: { windowBytes: 5_000, stallMs: 1 },
  });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  const { epoch } = await client.next('subbed').then(async () => {
    const { position } = await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
    return { epoch: position.split(':')[0] ?? '' };
  });
  gated.emit(...opening, delta(4_000), delta(4_000), delta(4_000));
  expect((await client.closed).code).toBe(closeCodes.slowConsumer.code);
  gated.end();
  const back = await server.greet();
  const at = client.entries.at(-1)?.i ?? '';
  back.send({ t: 'sub', r: 1, s: 's1', pos: formatPosition({ epoch, id: at }) });
  expect(await back.next('subbed')).toMatchObject({ mode: 'replay', recovered: true });
});

it('HF-FLOW-2: an attacker that acknowledges what it never reads is held to the window too', async () => {
  const gated = gatedAgent();
  await using server = await startServer({
    agent: gated.agent,
    limits: { windowBytes: 100_000, stallMs: 1 },
  });
  const attacker = await server.greet();
  attacker.send({ t: 'sub', r: 1, s: 's1' });
  await attacker.next('live');
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  attacker.socket.pause();
  gated.emit(...opening);
  // More than the buffers of the network take, so that the gateway's own would have to grow.
  for (let count = 0; count < 60 && server.holdfast.connections > 0; count++) {
    gated.emit(delta(200_000));
    attacker.send({ t: 'ack', s: 's1', i: '999999-1' });
    await vi.waitFor(() => expect(gated.pending).toBe(0));
  }
  await vi.waitFor(() => expect(server.holdfast.connections).toBe(0), { timeout: 20_000 });
  gated.end();
}, 60_000);

function textOf(entries: readonly EntryFrame[]): string {
  return entries
    .flatMap(({ d }) => (d.k === 'chunks' ? d.c : []))
    .map((chunk) => chunk.delta ?? '')
    .join('');
}
