// The program of before in docs/migrate/from-ably.md: Ably's own packages, with a service that stands in for its servers.
import './support/ably/endpoint.ts';

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Served } from '../../hosts/harness/served.ts';
import { connect } from '../migrate-ably/before/client.ts';
import { said } from '../model.ts';
import { type AblyService, ablyService } from './support/ably/service.ts';
import { question, send, textsOf } from './support/chats.ts';
import { readAll, readWords } from './support/clients.ts';
import { serve } from './support/serve.ts';

const key = 'app.key:secret';

let ably: AblyService;
let server: Served;
beforeAll(async () => {
  ably = await ablyService(key);
  process.env.ABLY_PORT = String(ably.port);
  server = await serve(
    'migrate-ably/before',
    'node --import ../../test/support/ably/endpoint.ts server.ts',
    { ABLY_API_KEY: key, ABLY_PORT: String(ably.port) },
  );
});
afterAll(async () => {
  await server?.stop('SIGKILL');
  ably?.close();
});

/** A page, with what its user sees. */
async function open(id: string) {
  const page = await connect(server.url, id);
  onTestFinished(() => page.close());
  const shown = () => textsOf(page.view.getMessages().map(({ message }) => message));
  return { ...page, shown };
}

test('an answer goes to its reader, to another page, and to one that comes later', async () => {
  const [first, other] = [await open('c1'), await open('c1')];
  const answered = await send(first.transport, 'c1', [question('One')]);
  expect(await readAll(answered)).toEqual({ text: said, end: 'finish' });
  await expect.poll(other.shown).toEqual(['One', said]);
  const later = await open('c1');
  while (later.view.hasOlder()) await later.view.loadOlder();
  expect(later.shown()).toEqual(['One', said]);
  expect(ably.unknown).toEqual([]);
});

test('a page that comes in mid-answer sees it go on, and stops it for both', async () => {
  const first = await open('c2');
  const stream = await send(first.transport, 'c2', [question('Say it slowly')]);
  const begun = await readWords(stream, 3);
  const other = await open('c2');
  while (other.view.hasOlder()) await other.view.loadOlder();
  const joined = other.shown()[1] ?? '';
  await expect.poll(() => (other.shown()[1] ?? '').length).toBeGreaterThan(joined.length);
  await other.stop();
  const { text, end } = await readAll(stream);
  const answer = begun + text;
  expect(end).not.toBe('finish');
  expect([said.startsWith(answer), answer.length < said.length]).toEqual([true, true]);
  await expect.poll(other.shown).toEqual(['Say it slowly', answer]);
  expect(first.shown()).toEqual(other.shown());
  expect(ably.unknown).toEqual([]);
});
