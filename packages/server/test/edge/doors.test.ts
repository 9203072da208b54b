import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { toNodeHandler } from '../../src/node/index.ts';
import { Wire } from '../fuzz/wire.ts';
import { saying } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';
import { lines, open, serving } from '../support/serving.ts';

/** As large as any other body: what is over it is refused. */
const limits = { sendBytes: 1_048_576 };

const portOf = ({ origin }: { readonly origin: string }): number => Number(new URL(origin).port);

it.each([1.2, 2.1, 3.5])(
  'HF-HTTP-8: behind a refused body of %f MiB the connection serves on, 24 of 24',
  async (size) => {
    await using server = await startServer({ limits });
    const body = JSON.stringify({ id: 's1', text: 'x'.repeat(size * 1_048_576) });
    const head = ['POST /api/chat HTTP/1.1', 'Host: x', 'Content-Type: application/json'];
    const statuses = await Promise.all(
      Array.from({ length: 24 }, async () => {
        const wire = new Wire(portOf(server));
        wire.write(lines(...head, `Content-Length: ${body.length}`));
        wire.write(body);
        const first = await wire.answer();
        wire.write(lines('GET /api/chat/s1 HTTP/1.1', 'Host: x'));
        const second = await wire.answer();
        wire.destroy();
        return [first?.status, second?.status];
      }),
    );
    expect(statuses).toEqual(Array(24).fill([413, 200]));
  },
);

it.each([
  ['one that is longer than is read', 'Content-Length: 50000000', 'x'.repeat(6_000_000)],
  ['one of no declared length', 'Transfer-Encoding: chunked', `5b8d80\r\n${'x'.repeat(6_000_000)}`],
])('HF-HTTP-8: a refused body is answered and the connection closed: %s', async (_, how, body) => {
  await using server = await startServer({ limits });
  const wire = new Wire(portOf(server));
  wire.write(lines('POST /api/chat HTTP/1.1', 'Host: x', 'Content-Type: application/json', how));
  wire.write(body);
  const answer = await wire.answer();
  expect(answer?.status).toBe(413);
  expect(answer?.head).toMatch(/connection: close/i);
  await wire.closed();
});

it('HF-HTTP-8: a body that its sender never finishes is answered, and the connection closed in time', async () => {
  await using server = await startServer({ authorize: () => null });
  const wire = new Wire(portOf(server));
  wire.write(lines('POST /api/chat/s1/cancel HTTP/1.1', 'Host: x', 'Content-Length: 50') + '{');
  expect((await wire.answer())?.status).toBe(403);
  await wire.closed();
});

it.each([
  ['foreign', 'POST /api/chat', ['Origin: https://evil.example'], 403],
  ['of the wrong type', 'POST /api/chat', ['Content-Type: text/plain'], 400],
  ['unknown', 'POST /api/chat/s1/nothing', [], 404],
  ['of a method that is not there', 'PUT /api/chat/s1', [], 405],
])(
  'HF-HTTP-8: a request that is %s, with a body nobody read, leaves the connection usable',
  async (_, line, headers, status) => {
    await using server = await startServer();
    const wire = new Wire(portOf(server));
    const body = 'x'.repeat(300_000);
    wire.write(lines(`${line} HTTP/1.1`, 'Host: x', `Content-Length: ${body.length}`, ...headers));
    wire.write(body);
    expect((await wire.answer())?.status).toBe(status);
    wire.write(lines('GET /api/chat/s1 HTTP/1.1', 'Host: x'));
    expect((await wire.answer())?.status).toBe(200);
    wire.destroy();
  },
);

it('a client that goes away in the middle of its body is no fault of the server', async () => {
  await using server = await startServer();
  const answered = new Promise((resolve) =>
    server.http.prependListener('request', (_, outgoing) => outgoing.once('close', resolve)),
  );
  const wire = new Wire(portOf(server));
  wire.write(
    `${lines('POST /api/chat HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 99')}{`,
  );
  await new Promise((resolve) => server.http.once('request', resolve));
  wire.destroy();
  await answered;
  expect(server.errors).toEqual([]);
});

it.each([
  ['before it', 'early'],
  ['while it asks who is there', 'late'],
])('a response that a middleware sent %s is left alone', async (_, when) => {
  const { holdfast, errors } = open();
  const outcomes: unknown[] = [];
  const handle = toNodeHandler(holdfast, { agent: saying('x') });
  const port = await serving(async (incoming, outgoing) => {
    if (when === 'early') outgoing.writeHead(503).end();
    const handled = handle(incoming, outgoing);
    if (when === 'late') outgoing.writeHead(503).end();
    outcomes.push(await handled);
  });
  expect((await fetch(`http://127.0.0.1:${port}/api/chat/s1`)).status).toBe(503);
  expect((await fetch(`http://127.0.0.1:${port}/api/chat/s1/stream`)).status).toBe(503);
  await expect.poll(() => outcomes).toEqual([true, true]);
  expect(errors).toEqual([]);
});

it('a head that cannot be written closes the connection, and throws at nobody', async () => {
  const { holdfast } = open();
  const handle = toNodeHandler(holdfast, { agent: saying('x') });
  const handled = new Promise((resolve) => {
    void serving((incoming, outgoing) => {
      outgoing.writeHead = () => {
        throw new Error('no head today');
      };
      resolve(handle(incoming, outgoing));
    }).then((port) => {
      const wire = new Wire(port);
      wire.write(lines('GET /api/chat/s1 HTTP/1.1', 'Host: x'));
      return wire.closed();
    });
  });
  expect(await handled).toBe(true);
});

it('HF-HTTP-6: HTTP/2 is served like HTTP/1, with its host in a pseudo header', async () => {
  const { holdfast } = open();
  const handle = toNodeHandler(holdfast, { agent: saying('x') });
  const server = createHttp2Server((incoming, outgoing) => {
    void handle(incoming as never, outgoing as never);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  const ask = (headers: Record<string, string>, body?: string) =>
    new Promise<unknown>((resolve) => {
      const stream = session.request(headers, { endStream: body === undefined });
      stream.on('response', (head) => resolve(head[':status']));
      stream.resume();
      if (body !== undefined) stream.end(body);
    });
  expect(await ask({ ':path': '/api/chat/s1' })).toBe(200);
  const own = `http://127.0.0.1:${port}`;
  expect(await ask({ ':path': '/api/chat/s1', origin: own })).toBe(200);
  expect(await ask({ ':path': '/api/chat/s1', origin: 'http://evil.example' })).toBe(403);
  expect(await ask({ ':path': '/api/chat/s1', ':authority': '[[' })).toBe(400);
  const json = { 'content-type': 'application/json', ':method': 'POST' };
  const message = userMessage('m1', 'Hi');
  const send = { id: 's1', command: 'c', trigger: 'submit-message', message };
  expect(await ask({ ':path': '/api/chat', ...json }, JSON.stringify(send))).toBe(200);
  const queue = { ':path': '/api/chat/s1/queue', ...json };
  for (const bytes of [1_200_000, 6_000_000]) expect(await ask(queue, 'x'.repeat(bytes))).toBe(413);
  expect(await ask({ ':path': '/api/chat', ':method': 'TRACE' })).toBe(405);
});
