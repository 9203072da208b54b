import { createMemoryLog } from '@holdfast/log';
import { expect, it } from 'vitest';
import { bytesOf, digestOf, filesOf, pieceBytes, refusalOf } from '../support/files.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';

it('HF-LOG-39: pieces that are replaced while they are read make no file under the digest of what was', async () => {
  const below = createMemoryLog();
  let replace: (() => Promise<unknown>) | null = null;
  const log = changed(below, {
    readPiece: async (session, source, index) => {
      const piece = await below.readPiece(session, source, index);
      // Behind the first piece, once.
      const act = index === 0 ? replace : null;
      if (act) replace = null;
      await act?.();
      return piece;
    },
  });
  const files = filesOf(await startOwnServer({ log }), 's');
  const photo = bytesOf(pieceBytes + 10);
  await files.piece('m.0', 0, photo.subarray(0, pieceBytes));
  await files.piece('m.0', 1, photo.subarray(pieceBytes));
  const other = bytesOf(pieceBytes, 7);
  replace = () => files.piece('m.0', 0, other);
  const body = { mediaType: 'image/png', pieces: 2 };
  expect(await refusalOf(await files.finish('m.0', body))).toEqual([409, expect.any(String)]);
  expect((await files.get(digestOf(photo))).status).toBe(404);
  // Finished again, it is what is there now.
  const now = Buffer.concat([other, photo.subarray(pieceBytes)]);
  expect(await (await files.finish('m.0', body)).json()).toMatchObject({
    url: `holdfast:file/${digestOf(now)}`,
  });
});
