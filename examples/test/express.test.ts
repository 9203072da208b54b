// What the program of Express shows besides: pages of another origin, a mount, a body parser in front.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Served } from '../../hosts/harness/served.ts';
import { said } from '../model.ts';
import { ask, readAll, stockClient } from './support/clients.ts';
import { serve } from './support/serve.ts';

let server: Served;
beforeAll(async () => {
  server = await serve('express', 'node server.ts');
});
afterAll(() => server?.stop('SIGKILL'));

test('a page of a listed origin gets the headers that browsers ask for', async () => {
  const origin = 'http://localhost:5173';
  const preflight = await fetch(`${server.url}/api/chat`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
  const asked = await fetch(`${server.url}/api/chat/c1`, {
    headers: { origin, cookie: 'user=ann' },
  });
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
});

/** What becomes of a socket that a page of this origin opens. */
const opens = (origin: string) =>
  new Promise<'open' | 'refused'>((resolve) => {
    const options = { headers: { origin }, protocols: ['holdfast.v1'] };
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/holdfast`, options as never);
    socket.addEventListener('open', () => {
      socket.close();
      resolve('open');
    });
    socket.addEventListener('error', () => resolve('refused'));
  });

test('a page of a listed origin may open sockets, and one of any other is refused at both doors', async () => {
  const headers = { origin: 'https://evil.example', cookie: 'user=ann' };
  expect((await fetch(`${server.url}/api/chat/c1`, { headers })).status).toBe(403);
  expect(await opens('https://evil.example')).toBe('refused');
  expect(await opens('http://localhost:5173')).toBe('open');
});

test('the handler that is mounted behind a body parser answers', async () => {
  const { stream } = await ask(stockClient(server.url, '/v2/chat'));
  expect(await readAll(stream)).toEqual({ text: said, end: 'finish' });
});

test('the routes of the application go on, with their bodies', async () => {
  const echo = await fetch(`${server.url}/echo`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  });
  expect(await echo.json()).toEqual({ a: 1 });
});
