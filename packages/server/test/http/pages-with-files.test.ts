import { once } from 'node:events';
import { connect } from 'node:net';
import { createMemoryLog } from '@holdfast/log';
import type { Message } from '@holdfast/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { bytesOf, dataUrl, filePart } from '../support/files.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

const count = 12;
const photo = (at: number, size = 100_000) => dataUrl(bytesOf(size, at + 1));

/** A session with a photo in each of its messages, which nobody has read, and what is read from now on. */
async function setUp(size?: number) {
  const reads: string[] = [];
  const log = createMemoryLog();
  const counted = changed(log, {
    readPiece: (session, of, index) => {
      reads.push('digest' in of ? of.digest : of.upload);
      return log.readPiece(session, of, index);
    },
  });
  const server = await startOwnServer({ log: counted, writers: { authorize: () => true } });
  for (let at = 0; at < count; at++) {
    const { id, role } = userMessage(`m${at}`, '');
    const parts = [filePart(photo(at, size)), { type: 'text', text: `${at}` }];
    await server.send({ id: 's', message: { id, role, parts }, wake: false });
  }
  reads.length = 0;
  return { server, reads };
}

const parts = (at: number) => [filePart(photo(at)), { type: 'text', text: `${at}` }];

it.each([
  ['HF-FILE-14: a page of history', 's', { headers: { 'holdfast-files': 'data' } }],
  [
    'HF-WRT-2: what a writer is given',
    's/begin',
    {
      method: 'POST',
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
      body: JSON.stringify({ agent: 'planner', command: 'c', holder: 'h' }),
    },
  ],
])('%s has its files as data, which are read as it is taken', async (_, path, init) => {
  const { server, reads } = await setUp();
  const request = new Request(`${server.api}/${path}`, init);
  const response = await server.holdfast.handle(request, { path: path.split('/') });
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const reader = response.body?.getReader();
  const taken: Uint8Array[] = [];
  const take = async () => {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (value) taken.push(value);
    return !done;
  };
  await take();
  expect(new Set(reads).size).toBeLessThan(3);
  while (await take());
  expect(new Set(reads).size).toBe(count);
  const { messages, ...beside } = JSON.parse(Buffer.concat(taken).toString()) as {
    readonly messages: readonly Message[];
  };
  expect(messages.map((message) => message.parts)).toEqual(
    Array.from({ length: count }, (__, at) => parts(at)),
  );
  expect(messages.map(({ id, role }) => `${role} ${id}`)).toEqual(
    Array.from({ length: count }, (__, at) => `user m${at}`),
  );
  expect(Object.keys(beside).length).toBeGreaterThan(3);
  expect(server.errors).toEqual([]);
});

it('HF-FILE-14: files of a session that is called as a path are shown under its own address', async () => {
  const server = await startOwnServer();
  const id = 'stream';
  await server.send({ id, message: { id: 'm', role: 'user', parts: parts(0) }, wake: false });
  const page = (await (await fetch(`${server.api}/${id}`)).json()) as {
    readonly messages: readonly { readonly parts: readonly { readonly url?: string }[] }[];
  };
  const url = page.messages[0]?.parts[0]?.url ?? '';
  expect(url).toMatch(/^\/api\/chat\/stream\/files\//);
  expect((await fetch(new URL(url, server.api))).status).toBe(200);
});

it('HF-HTTP-8: a page is read as it is taken, also where its request has a body that never comes', async () => {
  const { server, reads } = await setUp(1_000_000);
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const head = ['GET /api/chat/s HTTP/1.1', 'Host: x', 'holdfast-files: data', 'Content-Length: 5'];
  socket.write(`${[...head, '', ''].join('\r\n')}{`);
  const [first] = await once(socket, 'data');
  expect(String(first)).toMatch(/^HTTP\/1\.1 200 /);
  expect(new Set(reads).size).toBeLessThan(count);
});

it('a page whose first file cannot be read is refused, and one that breaks off later is no whole one', async () => {
  const log = createMemoryLog();
  let left = Number.POSITIVE_INFINITY;
  const failing = changed(log, {
    readPiece: async (...given) => {
      if (left-- > 0) return await log.readPiece(...given);
      throw new Error('the disk is gone');
    },
  });
  const server = await startOwnServer({ log: failing });
  for (let at = 0; at < 3; at++) {
    const message = { id: `m${at}`, role: 'user', parts: parts(at) } as const;
    await server.send({ id: 's', message, wake: false });
  }
  const headers = { 'holdfast-files': 'data' };
  left = 0;
  expect((await fetch(`${server.api}/s`, { headers })).status).toBe(500);
  left = 2;
  const broken = await fetch(`${server.api}/s`, { headers });
  expect(broken.status).toBe(200);
  await expect(broken.text()).rejects.toThrow();
  // As any other end, a request's body that never comes makes it none; two files are remembered.
  left = 0;
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  const head = ['GET /api/chat/s HTTP/1.1', 'Host: x', 'holdfast-files: data', 'Content-Length: 5'];
  socket.write(`${[...head, '', ''].join('\r\n')}{`);
  const got: Uint8Array[] = [];
  socket.on('data', (each: Uint8Array) => got.push(each)).on('error', () => {});
  await once(socket, 'close');
  const answer = Buffer.concat(got).toString();
  expect(answer.slice(0, 15)).toBe('HTTP/1.1 200 OK');
  expect(answer.endsWith('\r\n0\r\n\r\n')).toBe(false);
  left = Number.POSITIVE_INFINITY;
  const whole = (await (await fetch(`${server.api}/s`, { headers })).json()) as {
    readonly messages: readonly Message[];
  };
  expect(whole.messages).toHaveLength(3);
});
