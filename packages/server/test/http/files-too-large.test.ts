import { createMemoryLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { bytesOf, digestOf, filePart, filesOf, pieceBytes, refusalOf } from '../support/files.ts';
import { startOwnServer } from '../support/own-server.ts';

const limits = { ...defaultLimits, fileBytes: 500_000 };
const photo = bytesOf(600_000);

it('HF-FILE-9: refuses a file that is too large before its first piece, or at the first one beyond', async () => {
  const server = await startOwnServer({ limits });
  const files = filesOf(server, 's');
  const beyond = [413, 'unable to upload: the file is over 488 KB, the limit'];
  expect(await refusalOf(await files.get('big?upload&bytes=600000'))).toEqual([
    413,
    'unable to upload: the file is 586 KB; the limit is 488 KB',
  ]);
  expect((await files.get('big?upload&bytes=500000')).status).toBe(200);
  for (const bytes of ['', '0', '-1', '1.5', 'x', '9'.repeat(17)])
    expect((await files.get(`big?upload&bytes=${bytes}`)).status).toBe(400);
  const pieces = [0, 1].map((at) => photo.subarray(at * pieceBytes, (at + 1) * pieceBytes));
  const [first, second] = pieces as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  expect((await files.piece('big', 0, first)).status).toBe(200);
  expect(await refusalOf(await files.piece('big', 1, second))).toEqual(beyond);
  expect(await refusalOf(await files.piece('big', 4_095, bytesOf(1_000)))).toEqual(beyond);
  expect(await (await files.get('big?upload')).json()).toMatchObject({ pieces: 1 });
  expect(server.errors.map(String)).toEqual([expect.stringMatching(/limits\.fileBytes`/)]);
});

it('HF-FILE-9: takes a file that the session has, however large files may be', async () => {
  const log = createMemoryLog();
  const files = filesOf(await startOwnServer({ log }), 's');
  for (const at of [0, 1, 2])
    await files.piece('u', at, photo.subarray(at * pieceBytes, (at + 1) * pieceBytes));
  await files.finish('u', { mediaType: 'image/png', pieces: 3 });
  const later = await startOwnServer({ log, limits });
  const query = `?upload=${digestOf(photo)}&bytes=${photo.length}`;
  expect((await filesOf(later, 's').get(`v${query}`)).status).toBe(200);
});

it('HF-FILE-11: takes no message whose files are more together than a session can have, each as often as it is named', async () => {
  const server = await startOwnServer({ limits: { sessionFileBytes: 2_000_000 } });
  const url = `holdfast:file/${await filesOf(server, 's').upload(photo)}`;
  const post = (count: number) => {
    const parts = Array.from({ length: count }, () => filePart(url));
    const message = { id: `m${count}`, role: 'user', parts };
    return server.post({ id: 's', command: `m${count}`, trigger: 'submit-message', message });
  };
  expect((await post(3)).status).toBe(200);
  expect(await refusalOf(await post(4))).toEqual([
    413,
    'unable to send: the files of the message are over 1.9 MB together, the limit; name fewer, or each once',
  ]);
  expect(server.errors.map(String)).toEqual([
    expect.stringMatching(/limits\.sessionFileBytes`, which is 2000000/),
  ]);
});
