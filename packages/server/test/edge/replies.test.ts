import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { reply } from '../../src/edge/reply.ts';
import { json } from '../../src/http/answers.ts';

/** The bytes and headers that a client gets of an answer. */
async function replied(response: Response) {
  const server = createServer((incoming, outgoing) => void reply(incoming, outgoing, response));
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const got = await fetch(`http://127.0.0.1:${port}/`);
  const length = got.headers.get('content-length');
  const coding = got.headers.get('transfer-encoding');
  return { body: Buffer.from(await got.arrayBuffer()), length, coding };
}

it.each([
  ['short', 'Zürich'],
  ['long', 'ü'.repeat(20_000)],
])('a %s answer of JSON says its length in bytes', async (_, word) => {
  const body = Buffer.from(JSON.stringify({ word }));
  const length = String(body.length);
  expect(await replied(json({ word }))).toEqual({ body, length, coding: null });
});

it.each([16_384, 16_385])('%i bytes that are no text come as they are', async (size) => {
  const body = Buffer.alloc(size, 0xff);
  const length = String(size);
  const response = new Response(body, { headers: { 'content-length': length } });
  expect(await replied(response)).toEqual({ body, length, coding: null });
});

it('an answer that does not say how long it is has the form of a stream', async () => {
  const body = Buffer.from('word');
  expect(await replied(new Response('word'))).toEqual({ body, length: null, coding: 'chunked' });
});
