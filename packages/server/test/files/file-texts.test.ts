import { createMemoryLog } from '@holdfast/log';
import { defaultLimits, fileUrl, type Message } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { FileStore } from '../../src/files/file-store.ts';
import { FileTexts, filled, filledMessages, wholeOf } from '../../src/files/filled.ts';
import { givenMessages } from '../../src/runs/prompt.ts';
import { bytesOf, dataUrl, digestOf } from '../support/files.ts';
import { changed } from '../support/logs.ts';
import { manualTime } from '../support/manual-time.ts';

/** Files of two sessions, and a clock that goes on when the test says so. */
async function setUp(most?: number) {
  const log = createMemoryLog();
  const files = new FileStore(log, defaultLimits);
  const { environment, pass } = manualTime();
  let reads = 0;
  const counted = changed(log, {
    readPiece: async (...given) => {
      reads++;
      return await log.readPiece(...given);
    },
  });
  const texts = new FileTexts(new FileStore(counted, defaultLimits), environment, most);
  const bytes = bytesOf(1_000);
  const { digest } = await files.keep('s1', bytes, 'image/png');
  await files.keep('s2', bytes, 'image/png');
  const read = (session: string) => texts.dataUrl(session, digest);
  /** How often the log is asked for pieces meanwhile. */
  const readsOf = async (act: () => Promise<unknown>) => {
    reads = 0;
    await act();
    return reads;
  };
  return { log, files, texts, read, readsOf, pass, url: dataUrl(bytes) };
}

it('a file that agents are given is read once', async () => {
  const { texts, read, readsOf, url } = await setUp();
  expect(await readsOf(() => read('s1'))).toBe(1);
  expect(await readsOf(() => read('s1'))).toBe(0);
  expect([await read('s1'), await read('s1')]).toEqual([url, url]);
  expect(texts.length).toBe(url.length);
});

it('no more characters are remembered than there may be, and what was read longest ago goes first', async () => {
  const { files, texts, readsOf } = await setUp(25);
  const digests: string[] = [];
  // With its quotes each is ten characters.
  for (const name of 'abc') {
    const { $holdfast } = await files.keepValue('s1', JSON.stringify(name.repeat(8)));
    digests.push($holdfast);
  }
  const [a = '', b = '', c = ''] = digests;
  const read = (digest: string) => readsOf(() => texts.value('s1', digest));
  const lengths: number[] = [];
  for (const digest of [a, b, a, c]) {
    await read(digest);
    lengths.push(texts.length);
  }
  expect(lengths).toEqual([10, 20, 20, 20]);
  expect([await read(a), await read(c), await read(b), await read(a)]).toEqual([0, 0, 1, 1]);
});

it('as many as there may be are all remembered', async () => {
  const { files, texts } = await setUp(20);
  for (const name of 'ab') {
    const { $holdfast } = await files.keepValue('s1', JSON.stringify(name.repeat(8)));
    expect(await texts.value('s1', $holdfast)).toBe(name.repeat(8));
  }
  expect(texts.length).toBe(20);
});

it('what is gone is told, and nothing is taken for a text that is not there', async () => {
  const { files, texts } = await setUp();
  const kept = await files.keepValue('s1', '"Hello"');
  const reference = { ...kept, sum: 7 };
  expect(await texts.value('s1', kept.$holdfast)).toBe('Hello');
  expect(await texts.piece('s1', reference)).toBe('Hello');
  expect(await texts.dataUrl('s3', kept.$holdfast)).toBeNull();
  expect(await texts.value('s3', kept.$holdfast)).toBeUndefined();
  const gone = { code: 'conflict', reason: 'gone' };
  await expect(texts.piece('s3', reference)).rejects.toMatchObject(gone);
  const filling = wholeOf(texts, 's3');
  const data = { type: 'data-a', data: kept };
  expect(await filled(filling, data)).toEqual(data);
  const text = { type: 'text', text: ' you', front: [reference] };
  expect(await filled(wholeOf(texts, 's1'), text)).toEqual({ type: 'text', text: 'Hello you' });
  await expect(filled(filling, text)).rejects.toMatchObject(gone);
  const delta = { type: 'text-delta', id: 't', delta: reference };
  await expect(filled(filling, delta)).rejects.toMatchObject(gone);
});

it('a file that is not what its digest says is refused, and not remembered', async () => {
  const { log, files, texts } = await setUp();
  const { $holdfast: digest, bytes } = await files.keepValue('s1', '"Hello"');
  const changing = changed(log, { readPiece: async () => Buffer.from('"Jello"') });
  const { environment } = manualTime();
  const wrong = new FileTexts(new FileStore(changing, defaultLimits), environment);
  await expect(wrong.value('s1', digest)).rejects.toMatchObject({
    code: 'internal',
    message: 'unable to read a file: the store has changed it',
  });
  expect(wrong.length).toBe(0);
  expect(await texts.value('s1', digest)).toBe('Hello');
  expect(bytes).toBe(7);
});

it('nothing of a session that was erased is remembered', async () => {
  const { log, texts, read, url } = await setUp();
  for (const session of ['s1', 's2']) await read(session);
  await log.delete('s1');
  texts.forget('s1');
  expect(texts.length).toBe(url.length);
  expect([await read('s1'), await read('s2')]).toEqual([null, url]);
});

it('what nobody is given any more is forgotten after five minutes, also where another process has erased it', async () => {
  const { log, texts, read, pass, url } = await setUp();
  await read('s1');
  pass(299_000);
  await read('s2');
  pass(299_000);
  expect(texts.length).toBe(url.length);
  await log.delete('s1');
  expect(await read('s1')).toBeNull();
  pass(1_999);
  expect(texts.length).toBe(url.length);
  pass(1);
  expect(texts.length).toBe(0);
});

it('what is erased while it is read is not remembered', async () => {
  const { log, url } = await setUp();
  const isRead = Promise.withResolvers<void>();
  const isErased = Promise.withResolvers<void>();
  const slow = changed(log, {
    readPiece: async (...given) => {
      const piece = await log.readPiece(...given);
      isRead.resolve();
      await isErased.promise;
      return piece;
    },
  });
  const { environment } = manualTime();
  const texts = new FileTexts(new FileStore(slow, defaultLimits), environment);
  const reading = texts.dataUrl('s1', digestOf(bytesOf(1_000)));
  await isRead.promise;
  await log.delete('s1');
  texts.forget('s1');
  isErased.resolve();
  expect(await reading).toBe(url);
  expect(texts.length).toBe(0);
});

it('a file or value is read once for what is given together, however often that names it', async () => {
  // Nothing is remembered from one reading to the next.
  const { files, texts, readsOf } = await setUp(0);
  const digests: string[] = [];
  for (const seed of [1, 2, 3])
    digests.push((await files.keep('s1', bytesOf(1_000, seed), 'image/png')).digest);
  const data = await files.keepValue('s1', '{"a":1}');
  const named = Array.from({ length: 60 }, (_, at) => ({
    type: 'file',
    mediaType: 'image/png',
    url: fileUrl(digests[at % 3] as string),
  }));
  const parts = [...named, { type: 'data-a', data }, { type: 'data-b', data }];
  const messages: Message[] = ['m1', 'm2'].map((id) => ({ id, role: 'user', parts }));
  const prompt = { messages: () => [...messages], special: [0, 1], authorOf: () => undefined };
  const core = { fileTexts: texts, openCalls: 'settle' } as const;
  for (const give of [
    () => filledMessages(wholeOf(texts, 's1'), messages),
    () => givenMessages(core, 's1', prompt, 'own'),
  ]) {
    let given: readonly Message[] = [];
    const reads = await readsOf(async () => {
      given = await give();
    });
    expect(reads).toBe(4);
    for (const { parts: whole } of given) {
      expect(whole.slice(-3)).toEqual([
        { type: 'file', mediaType: 'image/png', url: dataUrl(bytesOf(1_000, 3)) },
        { type: 'data-a', data: { a: 1 } },
        { type: 'data-b', data: { a: 1 } },
      ]);
      expect(whole).toHaveLength(62);
    }
  }
});
