import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { fileUrl } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { GrowingPrompt, promptOf } from '../../src/session/prompt.ts';
import { KeptPrefixes } from '../../src/session/stored-prefix.ts';
import { SessionView } from '../../src/session/view.ts';
import { changed } from '../support/logs.ts';
import { body, limits, message, names, session, store, write } from '../support/viewed.ts';

/** A log that has stored messages, a view of it, and how many of them were read for its prompts. */
async function long(count: number, kept?: KeptPrefixes) {
  const log = createMemoryLog();
  await write(log, ...names(count).map(message));
  await store(log);
  let read = 0;
  const counted = changed(log, {
    items: async (id, request) => {
      const found = await log.items(id, request);
      read += found?.items.length ?? 0;
      return found;
    },
  });
  const view = new SessionView(session, counted, limits, { kept });
  await view.readOn();
  return { log, view, reads: () => read };
}

const idsOf = async (view: SessionView): Promise<readonly string[]> =>
  (await view.prompt()).messages().map(({ id }) => id);

async function storeAll(log: SessionLog, view: SessionView): Promise<void> {
  await view.readOn();
  const draft = await view.draft();
  expect(draft && (await log.checkpoint(session, { ...draft.command, trim: null }))).toBe('done');
  draft?.done();
}

it('HF-SUB-9: what was stored long ago is read once, however often agents are asked', async () => {
  const { log, view, reads } = await long(500);
  expect(await idsOf(view)).toEqual(names(500));
  const first = reads();
  expect(first).toBe(500 - limits.pageMessages);
  for (let at = 0; at < 20; at++) {
    await write(log, message(`n${at}`));
    await storeAll(log, view);
    expect(await idsOf(view)).toHaveLength(501 + at);
  }
  // Those that went out of what a view holds, each once.
  expect(reads() - first).toBeLessThanOrEqual(20);
  expect((await view.prompt()).messages().map(({ id }) => id)).toEqual(
    (await view.messages(0, view.end)).map(({ message: { id } }) => id),
  );
});

it('a prompt is the list of whoever has it, of messages that nobody can change', async () => {
  const { view } = await long(10);
  const prompt = await view.prompt();
  const messages = prompt.messages();
  prompt.messages().pop();
  const again = (await view.prompt()).messages();
  expect(again).toHaveLength(10);
  expect(prompt.messages()).toEqual(again);
  expect(again[0]).toBe(messages[0]);
  expect(() => {
    (messages[0] as { role: string }).role = 'system';
  }).toThrow(TypeError);
  expect(() => (messages.at(-1)?.parts as unknown[] | undefined)?.push({})).toThrow(TypeError);
});

it('what was cut off is in no prompt, however far back, and what comes then is', async () => {
  const { log, view } = await long(100);
  await idsOf(view);
  await write(log, body({ k: 'truncate', after: 'm40' }), message('other'));
  await view.readOn();
  expect(await idsOf(view)).toEqual([...names(41), 'other']);
  await write(log, body({ k: 'truncate', after: null }), message('new'));
  await view.readOn();
  expect(await idsOf(view)).toEqual(['new']);
});

it('another process stores and cuts off: a prompt is what the view shows', async () => {
  const { log, view } = await long(50);
  await idsOf(view);
  await write(log, ...names(20).map((id) => message(`x${id}`)));
  await store(log);
  await view.readOn();
  expect(await idsOf(view)).toEqual([...names(50), ...names(20).map((id) => `x${id}`)]);
  await write(log, body({ k: 'truncate', after: 'm5' }), message('y'));
  await store(log);
  await view.readOn();
  expect(await idsOf(view)).toEqual([...names(6), 'y']);
});

it('messages are kept for as many sessions as there is room for, and none longer than its view', async () => {
  const first = await long(50);
  const kept = new KeptPrefixes(5_000);
  const views = [await long(50, kept), await long(50, kept), await long(500, kept)];
  await idsOf(first.view);
  const [one, two, large] = views.map(({ view }) => view);
  if (!one || !two || !large) throw new Error('there are three');
  await idsOf(one);
  const { length } = kept;
  expect(length).toBeGreaterThan(2_000);
  await idsOf(two);
  expect(kept.length).toBeLessThanOrEqual(5_000);
  // The one that was asked for last is kept.
  await idsOf(two);
  expect(views[1]?.reads()).toBe(47);
  expect(await idsOf(one)).toEqual(names(50));
  // One that is larger than all the room is given, and not kept.
  expect(await idsOf(large)).toEqual(names(500));
  expect(kept.length).toBe(0);
  await idsOf(one);
  one.reset();
  expect(kept.length).toBe(0);
});

it('a prompt tells which of its messages may not be given as they are', () => {
  const tool = (state: string) => ({ type: 'tool-t', toolCallId: 'c', state, input: {} });
  const assistant = (id: string, ...parts: readonly object[]) => ({
    message: { id, role: 'assistant' as const, parts },
    by: { id: 'a', role: 'agent' as const },
  });
  const before = new GrowingPrompt();
  before.add([
    assistant('plain', { type: 'text', text: 'hi', metadata: null }),
    assistant('silent'),
    assistant('open', tool('input-available')),
  ]);
  const file = { type: 'file', mediaType: 'image/png', url: fileUrl('a'.repeat(43)) };
  const prompt = promptOf(
    before,
    [assistant('settled', tool('output-available')), assistant('file', file)],
    [assistant('preliminary', { ...tool('output-available'), preliminary: true })],
  );
  // What comes to the beginning later is in no prompt that was made before.
  before.add([assistant('late', file)]);
  expect(prompt.messages().map(({ id }) => id)).toEqual([
    ...['plain', 'open', 'settled', 'file', 'preliminary'],
  ]);
  expect(prompt.special.map((at) => prompt.messages()[at]?.id)).toEqual([
    ...['open', 'file', 'preliminary'],
  ]);
  expect(prompt.authorOf('open')).toEqual({ id: 'a', role: 'agent' });
  expect(prompt.authorOf('silent')).toBeUndefined();
});
