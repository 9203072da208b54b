import { randomBytes } from 'node:crypto';
import { createRedisLog } from '@holdfast/log/redis';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, onTestFinished } from 'vitest';
import { bytesOf, filesOf, pieceBytes } from '../support/files.ts';
import { forked } from '../support/forked.ts';
import { uniquePrefix } from '../support/logs.ts';

const fileBytes = 10_485_760;
const atOnce = 4;
/**
 * Of each upload at most: a piece as it comes, joined, sealed, on its way to the store and back, and what of those
 * before it no collection has found. A file has 40.
 */
const heldPieces = 8;

it.each([
  ['as they are', ''],
  ['encrypted', randomBytes(32).toString('base64')],
])(
  'HF-FILE-9: four files of 10 MB at once take the memory of their pieces, not of the files, %s',
  async (_, key) => {
    const [redis, prefix] = [inject('redisUrl'), uniquePrefix()];
    const log = createRedisLog({ redis, prefix });
    onTestFinished(() => log.close());
    onTestFinished(async () => {
      await log.delete('s');
    });
    const server = forked('upload-process.ts', redis, prefix, key);
    const files = filesOf({ api: String((await server.tells('api')).api) }, 's');
    // What the first upload loads is no part of what one costs.
    await files.upload(bytesOf(pieceBytes * 2));
    server.send('begin');
    const { before } = await server.tells('before');
    const upload = () => files.upload(new Uint8Array(randomBytes(fileBytes)));
    await Promise.all(Array.from({ length: atOnce }, upload));
    server.send('end');
    const { most, pieces, samples } = await server.tells('most');
    expect(pieces).toBe((atOnce * fileBytes) / pieceBytes);
    expect(samples).toBeGreaterThan(10);
    expect(Number(most) - Number(before)).toBeLessThan(atOnce * heldPieces * pieceBytes);
  },
  60_000,
);
