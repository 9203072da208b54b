import { HoldfastError } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import type { Ask, Asked } from '../../src/files/contract.ts';
import { type OutgoingFile, upload } from '../../src/files/upload.ts';
import { type UploadEvent, type UploadState, uploads } from '../../src/files/upload-state.ts';

const events: readonly UploadEvent[] = ['kept', 'gap', 'some', 'none'];

/** Each state, and where each event leads. */
const cases: readonly (readonly [UploadState, ...(UploadState | '')[]])[] = [
  ['ending', 'kept', 'asking', '', ''],
  ['asking', 'kept', '', 'putting', 'ending'],
  ['putting', '', '', 'putting', 'ending'],
  ['kept', '', '', '', ''],
];

test.each(cases)('HF-FILE-7 an upload that is %s', (...row) => {
  const [state, ...next] = row as [UploadState, ...string[]];
  expect(events.map((event) => uploads[state][event] ?? '')).toEqual(next);
});

test('HF-FILE-7 the table is whole', () => {
  expect(Object.keys(uploads)).toEqual(cases.map(([state]) => state));
});

const piece = 262_144;
const url = `holdfast:file/${'d'.repeat(43)}`;
const file: OutgoingFile = {
  session: 's1',
  name: 'm1.0.x',
  mediaType: 'image/png',
  bytes: Uint8Array.from({ length: 2 * piece + 5 }, (_, at) => at % 251),
  digest: undefined,
};

/** A server of which a test says what happens: it keeps what it is sent, unless `fault` throws or changes that. */
function played(
  fault: (asked: number, there: number[]) => void = () => {},
  limits: { readonly filePieceBytes?: number } = {},
) {
  const there: number[] = [];
  const said: string[] = [];
  const sent: number[] = [];
  const queries: Asked['query'][] = [];
  let isKnown = false;
  let asked = 0;
  const ask: Ask = async (path, request) => {
    const [, , , index] = path.split('/');
    said.push(`${request.sent ? 'POST' : 'GET'} ${index ?? (request.sent ? 'end' : 'pieces')}`);
    await Promise.resolve();
    fault(++asked, there);
    if (index !== undefined) there[Number(index)] = request.sent?.body.length ?? 0;
    queries.push(request.query);
    const knows = isKnown && request.query?.upload === 'd'.repeat(43);
    if (index !== undefined || !request.sent)
      return { pieces: there.length, ...limits, ...(knows && { url }) };
    if (there.length < 3)
      throw new HoldfastError('conflict', 'unable to upload: pieces are missing');
    return { url, bytes: 1 };
  };
  return {
    said,
    sent,
    there,
    queries,
    know: () => {
      isKnown = true;
    },
    send: (more: Partial<OutgoingFile> = {}) =>
      upload({ ...file, ...more }, ask, (bytes) => sent.push(bytes)),
  };
}

describe('HF-FILE-7 a file is sent', () => {
  test('in pieces of which all but the last are as long, and each is told', async () => {
    const { send, said, sent, there } = played();
    expect(await send()).toBe(url);
    expect(there).toEqual([piece, piece, 5]);
    expect(said).toEqual(['GET pieces', 'POST 0', 'POST 1', 'POST 2', 'POST end']);
    const { length } = file.bytes;
    expect(sent).toEqual([0, piece, 2 * piece, length, length]);
  });

  test('in pieces as long as the server takes, which is told how long it is first', async () => {
    const { send, there, queries } = played(undefined, { filePieceBytes: 200_000 });
    expect(await send()).toBe(url);
    expect(there).toEqual([200_000, 200_000, 2 * piece + 5 - 400_000]);
    expect(queries[0]).toEqual({ upload: '', bytes: 2 * piece + 5 });
  });

  test('from the pieces on that are there', async () => {
    const { send, said, there } = played();
    there.push(piece, piece);
    await send();
    expect(said).toEqual(['GET pieces', 'POST 2', 'POST end']);
  });

  test('not at all where the session has it', async () => {
    const { send, said, know } = played();
    know();
    expect(await send({ digest: 'd'.repeat(43) })).toBe(url);
    expect(said).toEqual(['GET pieces']);
  });

  test('where its digest is not known', async () => {
    const { send, said } = played();
    await send({ digest: 'd'.repeat(43) });
    expect(said).toEqual(['GET pieces', 'POST 0', 'POST 1', 'POST 2', 'POST end']);
  });

  test('again where its pieces were forgotten, three times at most', async () => {
    // Each time the end is asked for, nothing is there any more.
    const lost = played((_, there) => {
      if (there.length === 3) there.length = 0;
    });
    await expect(lost.send()).rejects.toMatchObject({ code: 'conflict' });
    expect(lost.said.filter((each) => each === 'POST end')).toHaveLength(4);
    let times = 0;
    const found = played((_, there) => {
      if (there.length === 3 && times++ < 3) there.length = 0;
    });
    expect(await found.send()).toBe(url);
  });

  test('until it is refused', async () => {
    const { send, said } = played((asked) => {
      if (asked === 3) throw new HoldfastError('full', 'unable to keep the file: no room');
    });
    await expect(send()).rejects.toMatchObject({ code: 'full' });
    expect(said).toHaveLength(3);
  });
});
