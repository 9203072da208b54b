import '@holdfast/testkit/redis-global-setup';
import type { SessionLog } from '@holdfast/log';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesOf, dataUrl, digestOf, filePart, filesOf, pieceBytes } from '../support/files.ts';
import { changed, stores } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import type { TestServer } from '../support/server.ts';
import { allPages, echo, ended, say } from '../support/talk.ts';

const photo = bytesOf(3_145_728);
const digest = digestOf(photo);
/** What may come of a session to a client that joins it. */
const mostBytes = 20_000;

/** All bytes that come to a client that joins, of every frame. */
async function joining(server: TestServer): Promise<{ bytes: number; text: string }> {
  const client = await server.dial();
  let text = '';
  client.socket.on('message', (data) => {
    text += String(data);
  });
  client.send({ t: 'hello', v: 1 });
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.next('live');
  client.terminate();
  return { bytes: Buffer.byteLength(text), text };
}

describe.each(Object.keys(stores))('a picture of 3 MB, in %s', (store) => {
  /** Two processes on one store, and the sizes of the pieces that both write. */
  async function serve() {
    const make = stores[store]?.() as () => SessionLog;
    const puts: number[] = [];
    const processes: TestServer[] = [];
    for (const log of [make(), make()]) {
      onTestFinished(() => log.close());
      const putPiece: SessionLog['putPiece'] = (session, upload, index, data) => {
        puts.push((data as Uint8Array).byteLength);
        return log.putPiece(session, upload, index, data);
      };
      processes.push(await startOwnServer({ agent: echo, log: changed(log, { putPiece }) }));
    }
    return { puts, processes: processes as [TestServer, TestServer] };
  }

  const ways: readonly (readonly [string, (server: TestServer) => Promise<string>])[] = [
    ['in its message', async () => dataUrl(photo)],
    [
      'ahead of its message',
      async (server) => `holdfast:file/${await filesOf(server, 's').upload(photo)}`,
    ],
  ];

  it.each(ways)(
    'HF-FILE-1, HF-FILE-2: sent %s, is kept once, and costs who joins next to nothing',
    async (_, urlOf) => {
      const { puts, processes } = await serve();
      const [one, other] = processes;
      const parts = [{ type: 'text', text: 'look' }, filePart(await urlOf(one))];
      const sending = (server: TestServer, command: string) => {
        const message = { id: command, role: 'user', parts };
        return postJson(server.api, { id: 's', command, trigger: 'submit-message', message });
      };
      const sent = await sending(one, 'm1');
      expect(sent.status).toBe(200);
      await ended(one, 's', ((await sent.json()) as { readonly run: string }).run);
      const pieces = Array.from({ length: photo.length / pieceBytes }, () => pieceBytes);
      expect(puts).toEqual(pieces);
      // Retried, said again in another process, and talked about.
      for (const [server, command] of [
        [one, 'm1'],
        [other, 'm1'],
        [other, 'm2'],
      ] as const)
        expect((await sending(server, command)).status).toBe(200);
      await say(other, 's', 'and now?');
      for (const server of processes) {
        const { bytes, text } = await joining(server);
        expect(text).toContain(digest);
        expect(bytes).toBeLessThan(mostBytes);
        const shown = await allPages(server, 's');
        expect(shown[0]?.parts[1]).toMatchObject({ url: expect.stringContaining(digest) });
        const got = await filesOf(server, 's').get(digest);
        expect(Buffer.from(await got.arrayBuffer()).equals(photo)).toBe(true);
      }
      expect(puts).toEqual(pieces);
    },
  );
});
