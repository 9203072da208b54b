import { createMemoryLog } from '@holdfast/log';
import type { Message, SnapshotResponse } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import { gatedAgent } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

/** 60,000 characters, each time others, with what JSON escapes and half a pair at either end. */
const words = (at: number): string =>
  `\udc00${`${at}ü "\u0000\n`.repeat(20_000).slice(0, 59_998)}\ud83d`;
const spoken = (count: number): string =>
  Array.from({ length: count }, (_, at) => words(at)).join('');

/** A session whose answer has a reasoning and a text, each in pieces, and in front of which is a question. */
async function setUp(count: number) {
  const reads: string[] = [];
  const log = createMemoryLog();
  const counted = changed(log, {
    readPiece: (session, of, index) => {
      reads.push('digest' in of ? of.digest : of.upload);
      return log.readPiece(session, of, index);
    },
  });
  const agent = gatedAgent();
  const limits = { textWindowBytes: 1, checkpointBytes: 65_536 };
  const server = await startOwnServer({ log: counted, agent: agent.agent, limits });
  await server.send({ id: 's', message: userMessage('u1', 'go') });
  agent.emit({ type: 'start' });
  for (const kind of ['reasoning', 'text'] as const) {
    agent.emit({ type: `${kind}-start`, id: kind });
    for (let at = 0; at < count; at++)
      agent.emit({ type: `${kind}-delta`, id: kind, delta: words(at) });
    agent.emit({ type: `${kind}-end`, id: kind });
  }
  agent.emit({ type: 'data-said', data: said }, { type: 'finish' });
  agent.end();
  await vi.waitFor(
    async () => {
      expect((await log.head('s'))?.runs).toEqual([]);
      expect((await log.open('s', { limit: 9 }))?.entries).toEqual([]);
    },
    { timeout: 40_000 },
  );
  return { server, reads };
}

/** What an agent or a participant says, and is no part with a text that is kept. */
const said = { text: 'x', front: [{ $holdfast: 'a'.repeat(43), bytes: 1, sum: 1 }] };

const partOf = (message: Message | undefined, type: string) =>
  ((message?.parts ?? []) as readonly { readonly type: string; readonly text?: string }[]).find(
    (part) => part.type === type,
  );

it.each(['', '?files=references', '?limit=1'])(
  'HF-FOLD-6: a page of history (%s) has its long texts whole',
  async (query) => {
    const { server, reads } = await setUp(12);
    reads.length = 0;
    const response = await fetch(`${server.api}/s${query}`);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const page = (await response.json()) as SnapshotResponse;
    const reply = page.messages.at(-1);
    for (const type of ['reasoning', 'text'])
      expect(partOf(reply, type)?.text === spoken(12), type).toBe(true);
    expect(partOf(reply, 'data-said')).toMatchObject({ data: said });
    for (const part of reply?.parts ?? []) expect(part).not.toHaveProperty('front');
    expect(page.position).toEqual(expect.any(String));
    expect(reads.length).toBeGreaterThan(6);
    expect(server.errors).toEqual([]);
  },
  60_000,
);

it('HF-FOLD-6: pieces of a page are read as its answer is taken', async () => {
  const { server, reads } = await setUp(40);
  reads.length = 0;
  const request = new Request(`${server.api}/s`);
  const response = await server.holdfast.handle(request, { path: ['s'] });
  const reader = response.body?.getReader();
  const first = await reader?.read();
  const begun = reads.length;
  await reader?.read();
  const next = reads.length;
  expect(first?.done).toBe(false);
  expect(next - begun).toBeLessThan(3);
  await reader?.cancel();
  expect(reads.length).toBe(next);
}, 60_000);
