import { createMemoryLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { FileStore } from '../../src/files/file-store.ts';
import { FileTexts } from '../../src/files/filled.ts';
import { bytesOf, dataUrl } from '../support/files.ts';

/** Files of two sessions, and timers that are over when the test says so. */
async function setUp() {
  const log = createMemoryLog();
  const files = new FileStore(log, defaultLimits);
  const timers: (() => void)[] = [];
  let now = 0;
  const texts = new FileTexts(files, {
    now: () => now,
    after: (_, act) => {
      timers.push(act);
      return () => {};
    },
  });
  const bytes = bytesOf(1_000);
  const { digest } = await files.keep('s1', bytes, 'image/png');
  await files.keep('s2', bytes, 'image/png');
  const read = (session: string) => texts.dataUrl(session, digest);
  const pass = (ms: number) => {
    now += ms;
    for (const act of timers.splice(0)) act();
  };
  return { log, texts, read, pass, url: dataUrl(bytes) };
}

it('a file that agents are given is read once', async () => {
  const { texts, read, url } = await setUp();
  expect([await read('s1'), await read('s1')]).toEqual([url, url]);
  expect(texts.length).toBe(url.length);
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
  pass(300_000);
  expect(texts.length).toBe(0);
});
