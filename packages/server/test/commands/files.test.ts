import { HoldfastError } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { bytesOf, dataUrl, digestOf, filePart, filesOf } from '../support/files.ts';
import { answer } from '../support/gated-agent.ts';
import { join } from '../support/talk.ts';
import { startTalking, wordsOf } from '../support/talking.ts';

const mega = 1_048_576;
const photo = bytesOf(300_000);
const url = dataUrl(photo);
const reference = `holdfast:file/${digestOf(photo)}`;
const kilo = 1_024;

describe('HF-FILE-10: what a user sends that is large', () => {
  it('is kept once, and referred to; its agent gets the data', async () => {
    const { server, puts, prompts, say, shown } = await startTalking();
    const parts = [{ type: 'text', text: 'look' }, filePart(url)];
    expect((await say(parts, { id: 'm1' })).status).toBe(200);
    await vi.waitFor(() => expect(prompts).toHaveLength(1));
    expect((await shown())[0]?.parts).toEqual([parts[0], filePart(reference)]);
    expect(prompts[0]?.[0]?.parts).toEqual(parts);
    const written = puts.length;
    expect(written).toBe(2);
    // Retried, said again, and shown: it is there.
    await say(parts, { id: 'm1' });
    await say(parts, { id: 'm2' });
    const snapshot = await join(server, 's');
    expect(puts.length).toBe(written);
    expect(JSON.stringify(snapshot).length).toBeLessThan(20_000);
    const got = await filesOf(server, 's').get(digestOf(photo));
    expect(got.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await got.arrayBuffer()).equals(photo)).toBe(true);
  });

  it('stays in its message where that is small, and fits into an entry', async () => {
    const { puts, say, shown } = await startTalking();
    const place = { type: 'data-place', data: { map: 'x'.repeat(kilo) } };
    const parts = [place, filePart(dataUrl(bytesOf(6 * kilo)))];
    expect((await say(parts)).status).toBe(200);
    expect([(await shown())[0]?.parts, puts]).toEqual([parts, []]);
  });

  it('has 10 MB', async () => {
    const { say, puts } = await startTalking();
    const most = dataUrl(new Uint8Array(10 * mega).fill(7));
    expect((await say([filePart(most)])).status).toBe(200);
    expect(puts.length).toBe(40);
  });

  it('is refused in words that name the file, or in all', async () => {
    const limits = { fileBytes: mega, sendBytes: 2 * mega };
    const { server, say, shown } = await startTalking({ limits });
    const over = await say([filePart(dataUrl(new Uint8Array(mega + 1)), 'whale.png')]);
    expect([over.status, wordsOf(over)]).toEqual([
      413,
      'unable to send: the file whale.png is 1.1 MB; the limit is 1 MB',
    ]);
    const most = filePart(dataUrl(new Uint8Array(mega)));
    expect(wordsOf(await say([most, most]))).toMatch(
      /what was sent is over 2 MB, with its files as text/,
    );
    const [option, body] = server.errors.map(String);
    expect(option).toMatch(/limits\.fileBytes`/);
    expect(body).toMatch(/limits\.sendBytes`/);
    expect(await shown()).toEqual([]);
  });

  it('may be data, many small files, and what looks like a reference', async () => {
    const { prompts, say, shown } = await startTalking();
    const place = { type: 'data-place', data: { map: 'x'.repeat(300 * kilo) } };
    const forged = { type: 'data-place', data: { $holdfast: digestOf(photo), bytes: 1 } };
    const small = Array.from({ length: 40 }, (_, at) => filePart(dataUrl(bytesOf(6 * kilo, at))));
    expect((await say([place, forged])).status).toBe(200);
    expect((await say(small)).status).toBe(200);
    await vi.waitFor(() => expect(prompts).toHaveLength(2));
    expect(prompts[0]?.[0]?.parts).toEqual([place, forged]);
    expect(prompts[1]?.at(-1)?.parts).toEqual(small);
    const [first] = await shown();
    const text = JSON.stringify(forged.data);
    expect(first?.parts[1]).toEqual({
      type: 'data-place',
      data: { $holdfast: digestOf(text), bytes: text.length },
    });
  });
});

describe('HF-FILE-10: what is large is kept', () => {
  it('at every door: waiting, for people, for a run, edited', async () => {
    const gate = Promise.withResolvers<void>();
    onTestFinished(() => gate.resolve());
    const seen: string[] = [];
    const agent: Agent = ({ messages }) =>
      (async function* () {
        seen.push(JSON.stringify(messages));
        await gate.promise;
        yield* answer('Well.');
      })();
    const { say, post, shown } = await startTalking({ agent });
    const parts = [filePart(url)];
    const statuses = [
      await say([{ type: 'text', text: 'a' }], { id: 'a' }),
      await say(parts, { id: 'b', whileBusy: 'queue' } as object),
      await say(parts, { id: 'c', wake: false } as object),
      await post('/s/steer', { message: { id: 'd', role: 'user', parts } }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200]);
    gate.resolve();
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    expect(seen[1]).toContain(url);
    expect((await say(parts, { id: 'e', after: 'a' } as object)).status).toBe(200);
    expect(JSON.stringify(await shown()).length).toBeLessThan(10_000);
  });

  it('is refused whole where its files have no room, or their store is away', async () => {
    const { log, say, shown } = await startTalking({ limits: { sessionFileBytes: 100 * kilo } });
    const full = await say([filePart(url)]);
    expect([full.status, wordsOf(full)]).toEqual([
      507,
      'unable to keep the file: the files of this chat may be 100 KB together, and there is no room for it; start a new chat',
    ]);
    const { fileInfo } = log;
    const away = new HoldfastError('unavailable', 'unable to ask');
    log.fileInfo = () => Promise.reject(away);
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const asking = say([filePart(url)]);
    const settled = vi.fn();
    void asking.then(settled);
    while (settled.mock.calls.length === 0) {
      await vi.advanceTimersByTimeAsync(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await asking).status).toBe(503);
    log.fileInfo = fileInfo;
    expect(await shown()).toEqual([]);
  });
});

it('HF-FILE-10: a client’s tool may give megabytes, once', async () => {
  const prompts: string[] = [];
  const calling: Agent = ({ messages }) =>
    (async function* (): AsyncGenerator<UIMessageChunk> {
      prompts.push(JSON.stringify(messages));
      yield { type: 'start' };
      if (prompts.length === 1)
        yield { type: 'tool-input-available', toolCallId: 'c', toolName: 'ask', input: {} };
    })();
  const { server, say, post, shown } = await startTalking({ agent: calling });
  await say([{ type: 'text', text: 'ask' }]);
  await vi.waitFor(async () => expect(JSON.stringify(await shown())).toContain('input-available'));
  const messageId = (await shown()).at(-1)?.id;
  const output = { rows: 'r'.repeat(2 * mega) };
  const answers = [{ type: 'tool-output-available', toolCallId: 'c', output }];
  const first = await post('/s/answer', { messageId, answers });
  const again = await post('/s/answer', { messageId, answers: [{ ...answers[0], output: 1 }] });
  // Who asks is told the answer that stands, whole.
  for (const { status, value } of [first, again]) {
    expect(status).toBe(200);
    expect(JSON.parse(value)).toEqual({ answers });
  }
  expect(JSON.stringify(await join(server, 's')).length).toBeLessThan(20_000);
  const sent = { id: 's', command: 'go', trigger: 'submit-message', continues: messageId };
  expect((await post('', { ...sent, answers: [] })).status).toBe(200);
  await vi.waitFor(() => expect(prompts).toHaveLength(2));
  expect(prompts[1]).toContain('r'.repeat(1_000));
});

it('HF-FILE-10: a session begins with files, and hands them back whole', async () => {
  const { server, puts } = await startTalking();
  const messages = [
    { id: 'q', role: 'user', parts: [filePart(url)] },
    {
      id: 'a',
      role: 'assistant',
      parts: [
        { type: 'text', text: 't'.repeat(200 * kilo), state: 'done' },
        {
          type: 'tool-look',
          toolCallId: 'c',
          state: 'output-available',
          input: {},
          output: 'o'.repeat(300 * kilo),
        },
      ],
    },
  ];
  const session = server.holdfast.session('s');
  expect(await session.seed(messages as never)).toBe('seeded');
  expect(puts.length).toBe(2 + 2);
  expect((await session.messages()).messages).toEqual(messages);
  // A page that is rendered of it loads what it shows.
  const [question] = (await session.state()).messages;
  expect(question?.parts).toEqual([filePart(`/api/chat/s/files/${digestOf(photo)}`)]);
  const [elsewhere] = (await session.state({ api: '/chat/' })).messages;
  expect(elsewhere?.parts).toEqual([filePart(`/chat/s/files/${digestOf(photo)}`)]);
});
