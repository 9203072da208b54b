import { expect, it } from 'vitest';
import { startServer, userMessage } from '../support/server.ts';

const limits = { heartbeatMs: 2_000, pongTimeoutMs: 2_000, helloTimeoutMs: 2_000, stallMs: 2_000 };

/** What a pause of the process, or a blocked event loop, is for everybody in it: timers come first behind it. */
const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

it('HF-CONN-13: a gateway that stood still reads what came meanwhile before it judges who was silent', async () => {
  await using server = await startServer({ limits });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  client.send({ t: 'ping' });
  standStill(6_000);
  await client.next('pong');
  // Who is about to give the gateway up hears of it at once.
  await client.next('ping');
  expect(client.socket.readyState).toBe(client.socket.OPEN);
}, 60_000);

it('HF-CONN-13: so it is with a hello that came meanwhile', async () => {
  await using server = await startServer({ limits });
  const client = await server.dial();
  client.send({ t: 'hello', v: 1 });
  standStill(6_000);
  await client.next('welcome');
}, 60_000);

it('HF-CONN-13: and with an acknowledgement', async () => {
  await using server = await startServer({ limits: { ...limits, windowBytes: 200 } });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  await server.send({ id: 's1', message: userMessage('m1', 'hello'.repeat(100)) });
  const entry = await client.next('entry');
  client.send({ t: 'ack', s: 's1', i: entry.i });
  standStill(6_000);
  await client.entry('run-start');
}, 60_000);

it('HF-CONN-13: who goes on to say nothing is closed as ever', async () => {
  await using server = await startServer({ limits });
  const [silent, greeting] = [await server.greet(), await server.dial()];
  standStill(6_000);
  expect(await greeting.closed).toMatchObject({ code: 4408 });
  expect(await silent.closed).toMatchObject({ code: 4504 });
}, 60_000);
