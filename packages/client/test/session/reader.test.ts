import type { Chunk } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import { createReader } from '../../src/session/reader.ts';

const ticks = () => new Promise<void>((resolve) => setImmediate(resolve));

test('what the SDK does to a chunk that it was given does not reach the one that is kept', async () => {
  const reader = createReader({ messageId: 'M', run: null }, () => {});
  const kept: Chunk = { type: 'data-weather', id: 'w', data: 1 };
  reader.push([kept]);
  const { value } = await reader.stream.getReader().read();
  expect(value).toEqual(kept);
  // As the reducer does when the same part comes again.
  Object.assign(value as object, { data: 2 });
  expect(kept.data).toBe(1);
});

test('it tells when it needs nothing more, and when its consumer has all of it', async () => {
  for (const act of ['end', 'abort', 'cancel'] as const) {
    const told: string[] = [];
    const reader = createReader({ messageId: 'M', run: null }, ({ isOpen, isDone }) => {
      told.push(isOpen ? 'open' : isDone ? 'done' : 'ending');
    });
    if (act === 'cancel') await reader.stream.cancel();
    else reader[act]();
    await reader.stream
      .getReader()
      .read()
      .catch(() => {});
    reader.end();
    reader.abort();
    expect(told).toEqual(act === 'cancel' ? ['done'] : ['ending', 'done']);
  }
});

test('what is queued is delivered before an end, and not before an abort', async () => {
  const chunk: Chunk = { type: 'start' };
  const ending = createReader({ messageId: 'M', run: null }, () => {});
  ending.push([chunk]);
  ending.end();
  const words = ending.stream.getReader();
  expect(await words.read()).toEqual({ done: false, value: chunk });
  expect(await words.read()).toMatchObject({ done: true });
  const aborted = createReader({ messageId: 'M', run: null }, () => {});
  aborted.push([chunk]);
  aborted.abort();
  await expect(aborted.stream.getReader().read()).rejects.toMatchObject({ name: 'AbortError' });
});

test('it says whether its consumer has begun to read', async () => {
  const reader = createReader({ messageId: 'M', run: null }, () => {});
  reader.push([{ type: 'start' }]);
  await ticks();
  expect([reader.isRead, reader.isShown]).toEqual([false, false]);
  const words = reader.stream.getReader();
  await words.read();
  expect([reader.isRead, reader.isShown]).toEqual([true, true]);
});

test('who reads what is not there yet has shown nothing, and waits for what comes, and for the end', async () => {
  const reader = createReader({ messageId: 'M', run: null }, () => {});
  const words = reader.stream.getReader();
  const first = words.read();
  await ticks();
  expect([reader.isRead, reader.isShown]).toEqual([true, false]);
  reader.push([{ type: 'start' }]);
  expect((await first).value).toEqual({ type: 'start' });
  const last = words.read();
  await ticks();
  reader.end();
  reader.push([{ type: 'finish' }]);
  expect((await last).done).toBe(true);
});

test('an error ends it behind what is queued', async () => {
  const reader = createReader({ messageId: 'M', run: null }, () => {});
  reader.push([{ type: 'start' }]);
  reader.end(new Error('the agent is gone'));
  const words = reader.stream.getReader();
  expect((await words.read()).value).toEqual({ type: 'start' });
  await expect(words.read()).rejects.toThrow('the agent is gone');
});

test('what is waited for is delivered before what came behind it', async () => {
  const reader = createReader({ messageId: 'M', run: null }, () => {});
  const { promise, resolve } = Promise.withResolvers<readonly Chunk[]>();
  reader.push(promise);
  reader.push([{ type: 'finish' }]);
  reader.end();
  const words = reader.stream.getReader();
  const first = words.read();
  resolve([{ type: 'start' }, { type: 'start-step' }]);
  expect((await first).value).toEqual({ type: 'start' });
  expect((await words.read()).value).toEqual({ type: 'start-step' });
  expect((await words.read()).value).toEqual({ type: 'finish' });
  expect(await words.read()).toMatchObject({ done: true });
});

test('what is waited for and does not come ends the stream with the reason, and nothing more', async () => {
  const reader = createReader({ messageId: 'M', run: null }, () => {});
  reader.push(Promise.reject(new Error('the file is away')));
  reader.push([{ type: 'finish' }]);
  await expect(reader.stream.getReader().read()).rejects.toThrow('the file is away');
  expect(reader.isDone).toBe(true);
});

test('what is waited for is nobody’s any more behind an abort', async () => {
  const reader = createReader({ messageId: 'M', run: null }, () => {});
  const { promise, resolve } = Promise.withResolvers<readonly Chunk[]>();
  reader.push(promise);
  const read = reader.stream.getReader().read();
  reader.abort();
  resolve([{ type: 'start' }]);
  await expect(read).rejects.toMatchObject({ name: 'AbortError' });
});

test('what fails behind an abort, or is never read, changes nothing and troubles nobody', async () => {
  const unread: unknown[] = [];
  const hear = (error: unknown) => unread.push(error);
  process.on('unhandledRejection', hear);
  const reader = createReader({ messageId: 'M', run: null }, () => {});
  createReader({ messageId: 'M', run: null }, () => {}).push(Promise.reject(new Error('away')));
  const { promise, reject } = Promise.withResolvers<readonly Chunk[]>();
  reader.push(promise);
  const read = reader.stream.getReader().read();
  reader.abort();
  reject(new Error('away'));
  await expect(read).rejects.toMatchObject({ name: 'AbortError' });
  await ticks();
  process.off('unhandledRejection', hear);
  expect(unread).toEqual([]);
});
