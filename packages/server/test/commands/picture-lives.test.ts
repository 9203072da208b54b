import '@holdfast/testkit/redis-global-setup';
import type { FileStore, SessionLog } from '@holdfast/log';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { bytesOf, dataUrl, digestOf, filePart, filesOf } from '../support/files.ts';
import { changed, stores } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { echo, ended } from '../support/talk.ts';

const photo = bytesOf(3_145_728);
const digest = digestOf(photo);
const url = dataUrl(photo);
const pieces = 12;
const parts = [{ type: 'text', text: 'look' }, filePart(url)];

const keyOf = (seed: number) => ({ keys: [{ id: 'k', key: bytesOf(32, seed) }] });

describe.each(Object.keys(stores))('a picture of 3 MB, in %s', (store) => {
  /** Processes on one store, each with options of its own; what they wrote as pieces, and the store without them. */
  async function serve(...options: readonly HoldfastOptions[]) {
    const make = stores[store]?.(options[0]?.limits) as () => SessionLog;
    const written: Uint8Array[] = [];
    const raw = make();
    onTestFinished(() => raw.close());
    const servers = await Promise.all(
      options.map((each) => {
        const log = make();
        onTestFinished(() => log.close());
        const putPiece: SessionLog['putPiece'] = (session, upload, index, data) => {
          if (data instanceof Uint8Array) written.push(data);
          return log.putPiece(session, upload, index, data);
        };
        return startOwnServer({ agent: echo, log: changed(log, { putPiece }), ...each });
      }),
    );
    const [one, other] = servers as [(typeof servers)[0], (typeof servers)[0]];
    const sent = await one.send({ id: 's', message: { id: 'm', role: 'user', parts } });
    await ended(one, 's', sent.run);
    return { one, other, raw, written };
  }

  async function expectShown(server: { readonly api: string }): Promise<void> {
    const got = await filesOf(server, 's').get(digest);
    expect(got.status).toBe(200);
    expect(Buffer.from(await got.arrayBuffer()).equals(photo)).toBe(true);
  }

  it('HF-LOG-35: is sealed piece by piece, and read by processes with the key alone', async () => {
    const { one, other, written } = await serve({ encryption: keyOf(1) }, { encryption: keyOf(1) });
    expect(written).toHaveLength(pieces);
    for (const piece of written)
      expect(Buffer.from(piece).toString('latin1', 0, 7)).toBe('enc2.k.');
    const clear = Buffer.from(photo.subarray(1_000, 1_064));
    expect(written.some((piece) => Buffer.from(piece).includes(clear))).toBe(false);
    for (const server of [one, other]) await expectShown(server);
    expect((await other.holdfast.session('s').messages()).messages[0]?.parts).toEqual(parts);
  });

  it('HF-FILE-5: nobody without the key is shown a byte of it', async () => {
    const { other } = await serve({ encryption: keyOf(1) }, { encryption: keyOf(2) });
    const got = await filesOf(other, 's').get(digest);
    expect(got.status).not.toBe(200);
    expect(Buffer.from(await got.arrayBuffer()).byteLength).toBeLessThan(1_000);
  });

  it('HF-LOG-41: is erased with its session, in the log and in a store beside it', async () => {
    const beside = new Map<string, Uint8Array>();
    const fileStore: FileStore = {
      setItemRaw: async (key, value) => void beside.set(key, value),
      getItemRaw: async (key) => beside.get(key) ?? null,
      removeItem: async (key) => void beside.delete(key),
    };
    for (const options of [{}, { fileStore }]) {
      const { one, other, raw } = await serve(options, options);
      expect(beside.size).toBe('fileStore' in options ? pieces : 0);
      for (const server of [one, other]) await expectShown(server);
      await other.holdfast.session('s').delete();
      for (const server of [one, other])
        expect((await filesOf(server, 's').get(digest)).status).toBe(404);
      expect(await raw.fileInfo('s', digest)).toBeNull();
      expect(await raw.readPiece('s', { digest }, 0)).toBeNull();
      expect(beside.size).toBe(0);
    }
  });

  it('HF-LOG-41: goes with its session when that expires, and is kept anew when it is sent again', async () => {
    const limits = { retentionMs: 1_500, uploadMs: 1_500 };
    const { one, raw, written } = await serve({ limits });
    expect(written).toHaveLength(pieces);
    await vi.waitFor(async () => expect(await raw.fileInfo('s', digest)).toBeNull(), {
      timeout: 20_000,
    });
    expect((await filesOf(one, 's').get(digest)).status).toBe(404);
    await one.send({ id: 's', message: { id: 'm2', role: 'user', parts } });
    expect(written).toHaveLength(2 * pieces);
  });
});
