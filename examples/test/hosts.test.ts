// Every host by its own program, with every client: the one matrix.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Served } from '../../hosts/harness/served.ts';
import { said } from '../model.ts';
import { ask, client, closeClients, readAll, readWords, stockClient } from './support/clients.ts';
import { hosts } from './support/hosts.ts';
import { build, serve } from './support/serve.ts';

const slowly = 'Say it slowly';

describe.each(hosts)('$name', ({ name, command, build: first, isBehindTls }) => {
  let server: Served;
  beforeAll(async () => {
    if (first) await build(name, first);
    server = await serve(name, command);
  }, 300_000);
  afterAll(async () => {
    closeClients();
    await server?.stop('SIGKILL');
  });

  describe.concurrent('while it serves', () => {
    test('leaves what is not for the chat route to the application', async () => {
      expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
      expect((await fetch(`${server.url}/api/chat/c1`)).status).toBe(403);
    });

    test('the stock client is answered, and finds nothing to resume afterwards', async () => {
      const { chatId, stream } = await ask(stockClient(server.url));
      expect(await readAll(stream)).toEqual({ text: said, end: 'finish' });
      expect(await stockClient(server.url).reconnectToStream({ chatId })).toBeNull();
    });

    test('the stock client goes away in mid-answer, and resumes it whole by GET', async () => {
      const { chatId, stream } = await ask(stockClient(server.url), slowly);
      await readWords(stream, 3);
      await stream.cancel();
      const resumed = await stockClient(server.url).reconnectToStream({ chatId });
      expect(await readAll(resumed)).toEqual({ text: said, end: 'finish' });
    });

    test('the stock client stops the answer by its route', async () => {
      const { chatId, stream } = await ask(stockClient(server.url), slowly);
      await readWords(stream, 3);
      // As a browser sends it: some hosts refuse a `POST` that comes from nowhere.
      const origin = isBehindTls ? server.url.replace('http', 'https') : server.url;
      const headers = { cookie: 'user=ann', origin };
      const stop = await fetch(`${server.url}/api/chat/${chatId}/stop`, {
        method: 'POST',
        headers,
      });
      expect(stop.status).toBe(200);
      const { text, end } = await readAll(stream);
      expect([end, text.length < said.length]).toEqual(['abort', true]);
    });

    test('a frame that is too long closes its socket, and nothing else', async () => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/holdfast`, 'holdfast.v1');
      socket.addEventListener('open', () => socket.send('x'.repeat(70_000)));
      await new Promise((closed) => socket.addEventListener('close', closed));
      expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
    });

    describe.concurrent.each(['socket', 'http'] as const)('over %s', (carrier) => {
      test('two clients see the same', async () => {
        const [first, second] = [client(server.url, carrier), client(server.url, carrier)];
        const { chatId, stream } = await ask(first, slowly);
        const other = await second.reconnectToStream({ chatId });
        const whole = { text: said, end: 'finish' };
        expect(await Promise.all([readAll(stream), readAll(other)])).toEqual([whole, whole]);
        expect(first.connection.carrier).toBe(carrier);
      });

      test('another client stops the answer', async () => {
        const { chatId, stream } = await ask(client(server.url, carrier), slowly);
        await readWords(stream, 3);
        expect(await client(server.url, carrier).cancel(chatId)).toBe('stopping');
        const { text, end } = await readAll(stream);
        expect([end, text.length < said.length]).toEqual(['abort', true]);
      });

      test('a client that is loaded anew goes on from the exact position', async () => {
        const before = client(server.url, carrier);
        const { chatId, stream } = await ask(before, slowly);
        await readWords(stream, 5);
        before.close();
        const after = await client(server.url, carrier).reconnectToStream({ chatId });
        expect(await readAll(after)).toEqual({ text: said, end: 'finish' });
      });
    });
  });

  test('SIGTERM in mid-answer cuts nothing off, and ends the process', async () => {
    const clients = [
      stockClient(server.url),
      client(server.url, 'socket'),
      client(server.url, 'http'),
    ];
    const asked = await Promise.all(clients.map((each) => ask(each, slowly)));
    const begun = await Promise.all(asked.map(({ stream }) => readWords(stream, 2)));
    const ended = server.stop('SIGTERM');
    const rest = await Promise.all(asked.map(({ stream }) => readAll(stream)));
    expect(rest.map(({ text, end }, at) => [begun[at] + text, end])).toEqual(
      clients.map(() => [said, 'finish']),
    );
    const { code, output } = await ended;
    expect([code, output]).toEqual([0, expect.stringContaining('holdfast: closed')]);
  });
});
