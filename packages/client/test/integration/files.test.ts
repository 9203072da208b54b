import { createHash } from 'node:crypto';
import { createChatTransport, type Upload } from '@holdfast/client';
import type { FileUIPart, UIMessage } from 'ai';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { answersOf } from '../support/asked-tool.ts';
import { answer, openRoom, type Room, type Tab } from '../support/room.ts';
import { memoryStorage } from '../support/storage.ts';

const piece = 262_144;
const size = 12 * piece;

/** A picture that no other test has; text is as good as pixels here. */
function picture(seed: number, bytes = 3 * piece - 4): FileUIPart & { readonly bytes: Buffer } {
  const data = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 4) data.writeUInt32LE((at * 2_654_435_761 + seed) >>> 0, at);
  const url = `data:image/png;base64,${data.toString('base64')}`;
  return { type: 'file', mediaType: 'image/png', filename: 'cat.png', url, bytes: data };
}

const sent = (tab: Tab, { bytes: _, ...file }: ReturnType<typeof picture>, text = 'look') =>
  tab.chat.sendMessage({ text, files: [file] });

const fileIn = (tab: Tab, at = 0): FileUIPart | undefined =>
  tab.chat.messages[at]?.parts.find((part) => part.type === 'file');

/** Requests of a tab for files, in short; a test may have them fail. */
function counted(
  fault: (asked: number, short: string) => Response | Promise<Response> | undefined = () =>
    undefined,
) {
  const asked: string[] = [];
  return {
    asked,
    puts: () => asked.filter((each) => /^POST \d/.test(each)),
    fetch: (async (input, init) => {
      const [, , index] = /\/files\/([^/?]+)(?:\/(\d+))?/.exec(String(input)) ?? [];
      if (!/\/files\//.test(String(input))) return await fetch(input, init);
      const short = `${init?.method ?? 'GET'} ${index ?? ''}`.trim();
      const answered = fault(asked.push(short), short);
      return answered ?? (await fetch(input, init));
    }) satisfies typeof fetch,
  };
}

async function loads(tab: Tab, bytes: Buffer): Promise<void> {
  const { url, mediaType, filename } = fileIn(tab) ?? {};
  const digest = createHash('sha256').update(bytes).digest('base64url');
  expect({ mediaType, filename }).toEqual({ mediaType: 'image/png', filename: 'cat.png' });
  expect(url).toMatch(new RegExp(`^http.*/api/chat/.*/files/${digest}$`));
  const response = await fetch(url ?? '');
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
}

const showing = (tab: Tab, count: number) =>
  vi.waitFor(() => expect(tab.chat.messages).toHaveLength(count), { timeout: 20_000 });

describe.each(['socket', 'http'] as const)('over %s', (carrier) => {
  test('HF-CLI-7 a picture goes ahead of its message, and all pages show it', async () => {
    const room = await openRoom();
    const { fetch, puts } = counted();
    const uploads: Upload[] = [];
    const pending = new Set<number | undefined>();
    const one = room.join({}, { carrier, fetch, onUpload: (upload) => uploads.push(upload) });
    one.sync.subscribe(() => pending.add(one.sync.getSnapshot().pending[0]?.upload?.sent));
    const other = room.join({}, { carrier });
    const file = picture(1, size);
    await Promise.all([sent(one, file), answer(room, 0, 'a cat')]);
    expect(puts()).toHaveLength(12);
    const [first] = uploads;
    expect(first).toEqual({
      messageId: one.chat.messages[0]?.id,
      filename: 'cat.png',
      sent: 0,
      total: size,
    });
    expect(uploads.at(-1)).toEqual({ ...first, sent: size });
    expect(uploads.map((each) => each.sent)).toEqual(
      uploads.map((each) => each.sent).toSorted((a, b) => a - b),
    );
    expect([...pending]).toContain(piece);
    // The page goes on to show what it had at once.
    expect(fileIn(one)?.url).toBe(file.url);
    await showing(other, 2);
    await loads(other, file.bytes);
    const reloaded = room.join({}, { carrier });
    await showing(reloaded, 2);
    await loads(reloaded, file.bytes);
    await vi.waitFor(() => expect(one.sync.getSnapshot().pending).toEqual([]));
  });

  test('HF-FILE-3 large outputs are shown as the values that they are', async () => {
    const room = await openRoom();
    const one = room.join({}, { carrier });
    const output = { rows: Array.from({ length: 20_000 }, (_, at) => `row ${at}`) };
    const asking = one.chat.sendMessage({ text: 'all rows' });
    const run = await room.agent.run(0);
    const call = { toolCallId: 'c1', toolName: 'ask', input: { $holdfast: 'no reference' } };
    run.emit({ type: 'start' }, { type: 'tool-input-available', ...call, providerExecuted: true });
    run.emit({ type: 'tool-output-available', toolCallId: 'c1', output, providerExecuted: true });
    run.emit({ type: 'text-start', id: 't' }, { type: 'text-delta', id: 't', delta: 'done' });
    run.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
    run.end();
    await asking;
    expect(answersOf(one)).toEqual([output]);
    expect(one.chat.lastMessage?.parts).toContainEqual(
      expect.objectContaining({ input: call.input }),
    );
    expect(one.text).toBe('done');
    const other = room.join({}, { carrier });
    await showing(other, 2);
    expect(answersOf(other)).toEqual([output]);
    expect(other.chat.lastMessage?.parts).toEqual(one.chat.lastMessage?.parts);
  });
});

/** Loses a request as a network does. */
const lost = (): never => {
  throw new TypeError('fetch failed');
};

test('HF-CLI-7 an upload that is cut goes on from the pieces that are there', async () => {
  const room = await openRoom();
  const { fetch, puts } = counted((_, short) =>
    short === 'POST 1' && puts().length === 2 ? lost() : undefined,
  );
  const one = room.join({}, { fetch });
  const file = picture(2);
  await Promise.all([sent(one, file), answer(room, 0, 'a cat')]);
  expect(puts()).toEqual(['POST 0', 'POST 1', 'POST 1', 'POST 2']);
  const other = room.join();
  await showing(other, 2);
  await loads(other, file.bytes);
});

test('HF-CLI-7 a stored message and its upload outlive their page', async () => {
  const room = await openRoom();
  const storage = memoryStorage();
  const options = { outbox: { storage } };
  // Never answered: the page is left while it waits.
  const before = counted((_, short) => (short === 'POST 1' ? new Promise(() => {}) : undefined));
  const one = room.join({}, { ...options, fetch: before.fetch });
  const file = picture(3);
  void sent(one, file);
  await vi.waitFor(() => expect(before.asked).toContain('POST 1'));
  one.sync.stop();
  one.transport.close();
  expect([...storage.values.values()].join('')).toContain(file.url.slice(0, 1_000));
  const after = counted();
  const later = room.join({}, { ...options, fetch: after.fetch });
  await Promise.all([answer(room, 0, 'a cat'), showing(later, 2)]);
  expect(after.puts()).toEqual(['POST 1', 'POST 2']);
  expect(fileIn(later)?.url).toBe(file.url);
  expect(storage.values.size).toBe(0);
});

test('HF-CLI-7 a stop ends the upload, and takes the message back', async () => {
  const room = await openRoom();
  const { fetch, asked } = counted((_, short) => {
    if (short === 'POST 1') void one.chat.stop();
    return undefined;
  });
  const one: Tab = room.join({}, { fetch });
  await sent(one, picture(4));
  await vi.waitFor(() => expect(one.sync.getSnapshot().pending).toEqual([]));
  const many = asked.length;
  const other = room.join();
  await vi.waitFor(() => expect(other.sync.getSnapshot().isSynced).toBe(true));
  expect(other.chat.messages).toEqual([]);
  expect(asked.length).toBeLessThanOrEqual(many + 1);
  expect(room.agent.started).toBe(0);
});

test('HF-CLI-7 a file that is refused refuses its message, by its name', async () => {
  const room = await openRoom({ limits: { fileBytes: 500_000 } });
  const { fetch, puts } = counted();
  const one = room.join({}, { fetch });
  await sent(one, picture(5));
  expect(puts()).toEqual([]);
  expect(one.errors[0]).toMatchObject({ code: 'too_large' });
  expect(one.errors[0]?.message).toMatch(
    /^unable to send cat\.png: the file is 768 KB; the limit is 488 KB$/,
  );
  expect(room.agent.started).toBe(0);
});

/** A chat that has sent a picture and been answered, and another page of it. */
async function answered(file: ReturnType<typeof picture>): Promise<{ room: Room; tabs: Tab[] }> {
  const room = await openRoom();
  const one = room.join();
  await Promise.all([sent(one, file), answer(room, 0, 'a cat')]);
  const other = room.join();
  await showing(other, 2);
  return { room, tabs: [one, other] };
}

test.each([
  ['that has sent it', 0],
  ['that shows its address', 1],
])('HF-CLI-7 an edit on a page %s names the picture, and sends it no more', async (_, at) => {
  const file = picture(6 + at);
  const { room, tabs } = await answered(file);
  const tab = tabs[at] as Tab;
  const [first] = tab.chat.messages as [UIMessage];
  const posted = vi.spyOn(globalThis, 'fetch');
  onTestFinished(() => posted.mockRestore());
  const edited = { text: 'look again', files: [fileIn(tab) as FileUIPart], messageId: first.id };
  await Promise.all([tab.chat.sendMessage(edited), answer(room, 1, 'the same cat')]);
  const bodies = posted.mock.calls.map(([, init]) => String(init?.body ?? '').length);
  expect(Math.max(...bodies)).toBeLessThan(10_000);
  for (const each of tabs)
    await vi.waitFor(() =>
      expect(each.lines).toEqual(['user: look again', 'assistant: the same cat']),
    );
  const third = room.join();
  await showing(third, 2);
  await loads(third, file.bytes);
});

test('HF-CLI-7 behind a picture the chat goes on, and a list that was edited is known', async () => {
  const file = picture(8);
  const { room, tabs } = await answered(file);
  const [one, other] = tabs as [Tab, Tab];
  await Promise.all([other.chat.sendMessage({ text: 'and now?' }), answer(room, 1, 'a dog')]);
  await showing(one, 4);
  // The first turn stays, the second is taken away by the page's own list.
  one.chat.messages = one.chat.messages.slice(0, 2);
  await Promise.all([one.chat.sendMessage({ text: 'what else?' }), answer(room, 2, 'a bird')]);
  const lines = ['user: look', 'assistant: a cat', 'user: what else?', 'assistant: a bird'];
  for (const each of [one, other]) await vi.waitFor(() => expect(each.lines).toEqual(lines));
});

test('HF-CLI-8 a value that cannot be had is told in its place, and all behind it is shown', async () => {
  const room = await openRoom();
  const errors: unknown[] = [];
  const { fetch, asked } = counted((_, short) =>
    short === 'GET'
      ? Response.json(
          { error: { code: 'not_found', message: 'unable to read the file: gone' } },
          { status: 404 },
        )
      : undefined,
  );
  const one = room.join({}, { fetch, onError: (error) => errors.push(error) });
  const asking = one.chat.sendMessage({ text: 'all' });
  const run = await room.agent.run(0);
  const call = { toolCallId: 'c1', providerExecuted: true };
  run.emit(
    { type: 'start' },
    { type: 'tool-input-available', ...call, toolName: 'ask', input: {} },
  );
  run.emit({ type: 'tool-output-available', ...call, output: 'x'.repeat(300_000) });
  run.emit({ type: 'text-start', id: 't' }, { type: 'text-delta', id: 't', delta: 'done' });
  run.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
  run.end();
  await asking;
  expect(one.text).toBe('done');
  expect(one.chat.lastMessage?.parts).toContainEqual(
    expect.objectContaining({
      state: 'output-error',
      errorText:
        'unable to load this part, reload the page to try again: unable to read the file: gone',
    }),
  );
  expect(errors).toContainEqual(expect.objectContaining({ code: 'not_found' }));
  expect(asked.length).toBeGreaterThan(0);
});

test('the messages of a page of history have addresses, too', async () => {
  const file = picture(9);
  const { room } = await answered(file);
  const transport = createChatTransport<UIMessage>({ api: room.api });
  onTestFinished(() => transport.close());
  const { messages } = await transport.snapshot(room.id);
  const part = messages[0]?.parts.find((each) => each.type === 'file');
  expect(part?.url).toMatch(/^http.*\/files\/[\w-]{43}$/);
});
