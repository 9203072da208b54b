import { createMemoryLog, type FileStore } from '@holdfast/log';
import { expect, it } from 'vitest';
import { createHoldfast } from '../../src/index.ts';
import { bytesOf, digestOf, filesOf, pieceBytes, refusalOf } from '../support/files.ts';
import { startOwnServer } from '../support/own-server.ts';

const inMap = (): FileStore & { readonly all: Map<string, Uint8Array> } => {
  const all = new Map<string, Uint8Array>();
  return {
    all,
    setItemRaw: async (key, value) => void all.set(key, value),
    getItemRaw: async (key) => all.get(key) ?? null,
    removeItem: async (key) => void all.delete(key),
  };
};

const away = async (): Promise<never> => {
  throw new Error('connect ECONNREFUSED 10.0.0.7');
};

it('HF-LOG-43: what is uploaded lies in the store, sealed, and goes with its session', async () => {
  const store = inMap();
  const encryption = { keys: [{ id: 'k', key: crypto.getRandomValues(new Uint8Array(32)) }] };
  const log = createMemoryLog();
  const server = await startOwnServer({ log, fileStore: store, encryption });
  const photo = bytesOf(600_000);
  for (const session of ['s', 'other']) {
    const files = filesOf(server, session);
    for (let at = 0; at < 3; at++)
      await files.piece('m.0', at, photo.subarray(at * pieceBytes, (at + 1) * pieceBytes));
    await files.finish('m.0', { mediaType: 'image/png', pieces: 3 });
    const got = await files.get(digestOf(photo));
    expect(Buffer.from(await got.arrayBuffer()).equals(photo)).toBe(true);
  }
  expect(store.all.size).toBe(6);
  for (const bytes of store.all.values())
    expect(Buffer.from(bytes).toString('latin1', 0, 7)).toBe('enc2.k.');
  await server.holdfast.session('s').delete();
  expect(store.all.size).toBe(3);
});

it('HF-LOG-43: clients are told that files cannot be taken now, and nothing of the store', async () => {
  const fileStore = { setItemRaw: away, getItemRaw: away, removeItem: away };
  const server = await startOwnServer({ log: createMemoryLog(), fileStore });
  const [status, words] = await refusalOf(await filesOf(server, 's').piece('m.0', 0, bytesOf(9)));
  expect(status).toBe(503);
  expect(words).not.toMatch(/10\.0\.0|fileStore/);
});

it('HF-LOG-43: `ready` says what is wrong with the store', async () => {
  const fileStore = { setItemRaw: away, getItemRaw: away, removeItem: away };
  const holdfast = createHoldfast({ log: createMemoryLog(), fileStore });
  await expect(holdfast.ready()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('`fileStore`: connect ECONNREFUSED'),
  });
  await holdfast.close();
});
