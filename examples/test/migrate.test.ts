// The pages of docs/migrate: what users had is there afterwards, and what they lost in mid-answer is not lost.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChatTransport, UIMessage } from 'ai';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Served } from '../../hosts/harness/served.ts';
import * as ofAbly from '../migrate-ably/after/client.ts';
import * as ofStreamsAfter from '../migrate-resumable-stream/after/client.ts';
import * as ofStreamsBefore from '../migrate-resumable-stream/before/client.ts';
import * as ofStoreAfter from '../migrate-usechat/after/client.ts';
import * as ofStoreBefore from '../migrate-usechat/before/client.ts';
import { said } from '../model.ts';
import { question, send, textsOf } from './support/chats.ts';
import { readAll, readWords } from './support/clients.ts';
import { serve } from './support/serve.ts';

const whole = { text: said, end: 'finish' };

describe('from stock useChat with a file for each chat', () => {
  let chats = '';
  const start = (which: 'before' | 'after') =>
    serve(`migrate-usechat/${which}`, 'node server.ts', { CHATS: chats });
  const shownIn = async (server: Served, id: string): Promise<UIMessage[]> =>
    await (await fetch(`${server.url}/chats/${id}`)).json();
  beforeAll(async () => {
    chats = await mkdtemp(join(tmpdir(), 'chats-'));
  });
  afterAll(() => rm(chats, { recursive: true }));

  test('a chat of before goes on, and the file has all of it', async () => {
    const before = await start('before');
    const first = [question('One')];
    const stock = ofStoreBefore.transportTo(before.url);
    expect(await readAll(await send(stock, 'c1', first))).toEqual(whole);
    await expect.poll(async () => textsOf(await shownIn(before, 'c1'))).toEqual(['One', said]);
    await before.stop('SIGKILL');

    const after = await start('after');
    const history = await shownIn(after, 'c1');
    expect(textsOf(history)).toEqual(['One', said]);
    const transport = ofStoreAfter.transportTo(after.url);
    onTestFinished(() => transport.close());
    const answered = await send(transport, 'c1', [...history, question('Two, slowly')]);
    await readWords(answered, 3);
    // The page is loaded anew in mid-answer.
    transport.close();
    const next = ofStoreAfter.transportTo(after.url);
    onTestFinished(() => next.close());
    expect(await readAll(await next.reconnectToStream({ chatId: 'c1' }))).toEqual(whole);
    const all = ['One', said, 'Two, slowly', said];
    const file = async () => textsOf(JSON.parse(await readFile(join(chats, 'c1.json'), 'utf8')));
    await expect.poll(file).toEqual(all);

    // What is cut off in the session is cut off in the file.
    const shown = await shownIn(after, 'c1');
    const again = await next.sendMessages({
      trigger: 'regenerate-message',
      chatId: 'c1',
      messageId: undefined,
      messages: shown.slice(0, 3),
      abortSignal: undefined,
    });
    expect(await readAll(again)).toEqual(whole);
    await expect.poll(file).toEqual(all);
    expect(textsOf(await shownIn(after, 'c1'))).toEqual(all);
    await after.stop('SIGKILL');

    // A process with nothing but the file goes on with that chat, too.
    const later = await start('after');
    expect(textsOf(await shownIn(later, 'c1'))).toEqual(all);
    await later.stop('SIGKILL');
  });

  test('the client of before works with the server of after', async () => {
    const after = await start('after');
    const id = crypto.randomUUID();
    const stock = ofStoreBefore.transportTo(after.url);
    const first = [question('One')];
    expect(await readAll(await send(stock, id, first))).toEqual(whole);
    const history = await shownIn(after, id);
    expect(await readAll(await send(stock, id, [...history, question('Two')]))).toEqual(whole);
    expect(textsOf(await shownIn(after, id))).toEqual(['One', said, 'Two', said]);
    expect(await readdir(chats)).toContain(`${id}.json`);
    await after.stop('SIGKILL');
  });
});

describe('from resumable-stream with a stop endpoint', () => {
  describe.each(['before', 'after'] as const)(
    'the client of before, on the server of %s',
    (which) => {
      let server: Served;
      let transport: ChatTransport<UIMessage>;
      beforeAll(async () => {
        server = await serve(`migrate-resumable-stream/${which}`, 'node server.ts');
        transport = ofStreamsBefore.transportTo(server.url);
      });
      afterAll(() => server?.stop('SIGKILL'));

      test('resumes an answer that it left, and finds nothing behind it', async () => {
        const stream = await send(transport, 'c1', [question('Say it slowly')]);
        await readWords(stream, 3);
        await stream.cancel();
        expect(await readAll(await transport.reconnectToStream({ chatId: 'c1' }))).toEqual(whole);
        expect(await transport.reconnectToStream({ chatId: 'c1' })).toBeNull();
      });

      test('stops an answer by the endpoint', async () => {
        const stream = await send(transport, 'c2', [question('Say it slowly')]);
        await readWords(stream, 3);
        await ofStreamsBefore.stop(server.url, 'c2');
        const { text } = await readAll(stream);
        expect(text.length).toBeLessThan(said.length);
        await expect.poll(() => transport.reconnectToStream({ chatId: 'c2' })).toBeNull();
      });
    },
  );
});

/** What both programs of after can do, and neither of those of before. */
describe.each([
  ['migrate-resumable-stream', ofStreamsAfter],
  ['migrate-ably', ofAbly],
])('after %s', (folder, { transportTo, stop }) => {
  let server: Served;
  beforeAll(async () => {
    server = await serve(`${folder}/after`, 'node server.ts');
  });
  afterAll(() => server?.stop('SIGKILL'));
  const join = () => {
    const transport = transportTo(server.url);
    onTestFinished(() => transport.close());
    return transport;
  };

  test('a page that is loaded anew goes on, and another one stops the answer for both', async () => {
    const [first, other] = [join(), join()];
    const stream = await send(first, 'c1', [question('Say it slowly')]);
    await readWords(stream, 3);
    first.close();
    const next = await join().reconnectToStream({ chatId: 'c1' });
    await stop(other, 'c1');
    const { text, end } = await readAll(next);
    expect(end).toBe('abort');
    expect([said.startsWith(text), text.length < said.length]).toEqual([true, true]);
    expect(textsOf((await other.snapshot('c1')).messages)).toEqual(['Say it slowly', text]);
  });
});
