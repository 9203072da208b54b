import { describe, expect, it, vi } from 'vitest';
import { allowMessage } from '../../src/index.ts';
import { bytesOf, dataUrl, digestOf, filePart, filesOf } from '../support/files.ts';
import { eachStore } from '../support/logs.ts';
import { startTalking, wordsOf } from '../support/talking.ts';

const photo = bytesOf(300_000);
const url = dataUrl(photo);
const reference = `holdfast:file/${digestOf(photo)}`;

it('HF-FILE-11: a message that is repeated in another form is the same message', async () => {
  const { server, say, prompts } = await startTalking();
  expect((await say([filePart(url)], { id: 'm' })).status).toBe(200);
  await vi.waitFor(() => expect(prompts).toHaveLength(1));
  for (const form of [reference, `/api/chat/s/files/${digestOf(photo)}`])
    expect((await say([filePart(form)], { id: 'm' })).status).toBe(200);
  const other = await say([filePart(dataUrl(bytesOf(300_000, 2)))], { id: 'm' });
  expect(other.status).toBe(409);
  expect(prompts).toHaveLength(1);
  expect(server.errors).toEqual([]);
});

describe.each(eachStore())('HF-FILE-1: files in %s', (_, open) => {
  it('are encrypted with the log, and gone with their session', async () => {
    const log = open();
    const encryption = { keys: [{ id: 'k', key: new Uint8Array(32).fill(7) }] };
    const { server, say, prompts } = await startTalking({ log, encryption });
    expect((await say([filePart(url)])).status).toBe(200);
    await vi.waitFor(() => expect(prompts).toHaveLength(1));
    expect(prompts[0]?.[0]?.parts).toEqual([filePart(url)]);
    const files = filesOf(server, 's');
    const got = await files.get(digestOf(photo));
    expect(Buffer.from(await got.arrayBuffer()).equals(photo)).toBe(true);
    const stored = await log.readPiece('s', { digest: digestOf(photo) }, 0);
    expect(stored?.subarray(0, 1_000)).not.toEqual(photo.subarray(0, 1_000));
    await server.holdfast.session('s').delete();
    expect((await files.get(digestOf(photo))).status).toBe(404);
  });
});

describe('HF-FILE-11: a file of the session in a message', () => {
  it('is named by its reference, or by the URL under which a page shows it', async () => {
    const { server, say, prompts, shown } = await startTalking();
    const digest = await filesOf(server, 's').upload(photo);
    for (const named of [
      reference,
      `/api/chat/s/files/${digest}`,
      `${server.api}/s/files/${digest}?u=1`,
    ])
      expect((await say([filePart(named)])).status).toBe(200);
    await vi.waitFor(() => expect(prompts).toHaveLength(3));
    for (const { role, parts } of await shown())
      if (role === 'user') expect(parts).toEqual([filePart(reference)]);
    expect(prompts[2]?.at(-1)?.parts).toEqual([filePart(url)]);
  });

  it('is refused where the session does not have it', async () => {
    const { server, say } = await startTalking();
    const digest = await filesOf(server, 'other').upload(photo);
    const refused = await say([filePart(reference)]);
    expect([refused.status, wordsOf(refused)]).toEqual([
      400,
      'unable to send: a file is not there any more; add it to the message again',
    ]);
    for (const foreign of [`/api/chat/other/files/${digest}`, 'holdfast:file/x', 'holdfast:other'])
      expect((await say([filePart(foreign)])).status).toBe(400);
    // The rule of applications knows no files that it was not shown.
    const message = { id: 'm', role: 'user', parts: [filePart(reference)] };
    expect(() => allowMessage(message as never)).toThrow(/must begin with https/);
  });

  it('is shown to the application’s gate as data', async () => {
    const seen: unknown[] = [];
    const { server, say, puts } = await startTalking({
      acceptMessage: ({ message }) => {
        seen.push(message.parts);
        return allowMessage(message);
      },
    });
    await filesOf(server, 's').upload(photo);
    const written = puts.length;
    expect((await say([filePart(reference)])).status).toBe(200);
    expect(seen).toEqual([[filePart(url)]]);
    expect(puts.length).toBe(written);
  });
});
