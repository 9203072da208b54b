import { createMemoryLog } from '@holdfast/log';
import { defaultLimits, type Message } from '@holdfast/protocol';
import { DefaultChatTransport, readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import type { Agent, MessageEvent } from '../../src/index.ts';
import { bytesOf, dataUrl, digestOf, filesOf } from '../support/files.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServerOptions, userMessage } from '../support/server.ts';
import { join } from '../support/talk.ts';

const mega = 1_048_576;
const photo = bytesOf(300_000);
const reference = (value: unknown) => {
  const text = JSON.stringify(value);
  return { $holdfast: digestOf(text), bytes: Buffer.byteLength(text) };
};

const chunks = (...said: object[]): UIMessageChunk[] =>
  [
    { type: 'start' },
    { type: 'start-step' },
    ...said,
    { type: 'finish-step' },
    { type: 'finish' },
  ] as UIMessageChunk[];

const output = { rows: 'r'.repeat(100_000) };
const largeWith = (output: unknown) =>
  chunks(
    { type: 'file', mediaType: 'image/png', url: dataUrl(photo) },
    {
      type: 'tool-input-available',
      toolCallId: 'c',
      toolName: 'look',
      input: { of: 'i'.repeat(50_000) },
    },
    { type: 'tool-output-available', toolCallId: 'c', output },
    { type: 'data-map', id: 'd', data: 'm'.repeat(50_000) },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Seen.' },
    { type: 'text-end', id: 't' },
  );
const large = largeWith(output);
const huge = { rows: 'r'.repeat(5 * mega) };

async function serve(said: readonly unknown[], options: TestServerOptions = {}) {
  const limits = { ...defaultLimits, ...options.limits };
  const log = createMemoryLog({ limits });
  const prompts: Message[][] = [];
  const agent: Agent = ({ messages }) => {
    prompts.push(messages as unknown as Message[]);
    return (async function* () {
      yield* (prompts.length === 1 ? said : []) as UIMessageChunk[];
    })();
  };
  const server = await startOwnServer({ agent, log, ...options, limits });
  const stock = (headers: Record<string, string> = {}) =>
    new DefaultChatTransport<UIMessage>({ api: server.api, headers });
  const ask = async (headers: Record<string, string> = {}) => {
    const stream = await stock(headers).sendMessages({
      chatId: 's',
      trigger: 'submit-message',
      messageId: undefined,
      messages: [userMessage('q', 'look') as unknown as UIMessage],
      abortSignal: undefined,
    });
    const got: UIMessageChunk[] = [];
    for await (const chunk of stream) got.push(chunk);
    return got;
  };
  const history = async (query = '') => {
    const response = await fetch(`${server.api}/s${query}`);
    return ((await response.json()) as { readonly messages: Message[] }).messages;
  };
  return { server, log, prompts, ask, history, stock };
}

describe('HF-FILE-12: what an agent writes that is large', () => {
  it('is kept beside the log, and given back to agents, hooks and code of the server', async () => {
    const told: MessageEvent[] = [];
    const { server, prompts, ask, history } = await serve(large, {
      hooks: { onMessage: (event) => void told.push(event) },
    });
    await ask();
    const stored = (await history('?files=references')).at(-1)?.parts.slice(1, 4);
    expect(stored).toMatchObject([
      { type: 'file', url: `holdfast:file/${digestOf(photo)}` },
      {
        type: 'tool-look',
        output: reference(output),
        input: reference({ of: 'i'.repeat(50_000) }),
      },
      { type: 'data-map', data: reference('m'.repeat(50_000)) },
    ]);
    expect(JSON.stringify(await join(server, 's')).length).toBeLessThan(20_000);
    const got = await filesOf(server, 's').get(digestOf(JSON.stringify(output)));
    expect(await got.json()).toEqual(output);
    await server.send({ id: 's', message: userMessage('q2', 'and now') });
    await vi.waitFor(() => expect(prompts).toHaveLength(2));
    await vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(3));
    const { messages } = await server.holdfast.session('s').messages();
    for (const whole of [prompts[1]?.[1], told[1]?.message, messages[1]]) {
      const [file, tool, map] = (whole?.parts ?? []).slice(1, 4) as {
        url?: string;
        output?: unknown;
        data?: unknown;
      }[];
      expect(file?.url).toBe(dataUrl(photo));
      expect(tool?.output).toEqual(output);
      expect(map?.data).toBe('m'.repeat(50_000));
    }
  });

  it.each([
    ['a reference', {}],
    ['one to a piece of a text', { sum: 1 }],
  ])('as a value that looks like %s, however small', async (_, more) => {
    const forged = { $holdfast: digestOf('x'), bytes: 1, ...more };
    const call = { toolCallId: 'c', toolName: 'look' };
    const { ask, history } = await serve(
      chunks(
        { type: 'tool-input-available', ...call, input: {} },
        { type: 'tool-output-available', toolCallId: 'c', output: forged },
      ),
    );
    expect(await ask()).toContainEqual(expect.objectContaining({ output: forged }));
    expect((await history('?files=references')).at(-1)?.parts[1]).toMatchObject({
      output: reference(forged),
    });
    expect((await history()).at(-1)?.parts[1]).toMatchObject({ output: forged });
  });

  it('ends the run in words where it is over the limit, or has no room', async () => {
    for (const [limits, words] of [
      [
        { fileBytes: mega },
        'The answer ended early: the output of a tool is too large (5.1 MB; the limit is 1 MB).',
      ],
      [{ sessionFileBytes: mega }, 'The answer ended early: this chat has no room for its files.'],
    ] as const) {
      const { server, ask } = await serve(largeWith(huge), { limits });
      expect((await ask()).at(-1)).toEqual({ type: 'error', errorText: words });
      expect(server.errors).toHaveLength(1);
    }
  });

  it('also by a program in another language, which is given data', async () => {
    const { server, history } = await serve([], { writers: { authorize: () => true } });
    const parts = [{ type: 'file', mediaType: 'image/png', url: dataUrl(photo) }];
    await server.send({ id: 's', message: { id: 'q', role: 'user', parts } });
    const ask = async (verb: string, body: object) => {
      const bearer = { authorization: 'Bearer t' };
      const asked = { agent: 'planner', ...body };
      const response = await postJson(`${server.api}/s/${verb}`, asked, bearer);
      return (await response.json()) as { run: string; attempt: number; messages: Message[] };
    };
    const { run, attempt, messages } = await ask('begin', { command: 'c', holder: 'h' });
    expect(messages[0]?.parts).toEqual(parts);
    const said = [{ type: 'data-map', data: 'm'.repeat(2 * mega) }];
    expect(await ask('append', { run, attempt, seq: 1, chunks: said })).toMatchObject({ next: 2 });
    const last = (await history('?files=references')).at(-1)?.parts[0];
    expect(last).toMatchObject({ data: reference('m'.repeat(2 * mega)) });
  });

  it('stays in its entry where it is small', async () => {
    const small = { rows: 'r'.repeat(1_000) };
    const { ask, history } = await serve(
      chunks(
        { type: 'tool-input-available', toolCallId: 'c', toolName: 'look', input: {} },
        { type: 'tool-output-available', toolCallId: 'c', output: small },
      ),
    );
    await ask();
    expect((await history('?files=references')).at(-1)?.parts[1]).toMatchObject({ output: small });
  });
});

describe('HF-FILE-13: a long delta', () => {
  it('does not end its run, whatever is in it', async () => {
    const text = `${'é'.repeat(300_000)}${'\u0001'.repeat(100_000)}`;
    const input = JSON.stringify({ of: 'i'.repeat(300_000) });
    const { ask, history } = await serve(
      chunks(
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta: text },
        { type: 'text-end', id: 't' },
        { type: 'tool-input-start', toolCallId: 'c', toolName: 'look' },
        { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: input },
        {
          type: 'tool-input-available',
          toolCallId: 'c',
          toolName: 'look',
          input: JSON.parse(input),
        },
      ),
    );
    await ask();
    const [, said, call] = ((await history()).at(-1)?.parts ?? []) as {
      text?: string;
      input?: unknown;
    }[];
    expect(said?.text).toBe(text);
    expect(call?.input).toEqual({ of: 'i'.repeat(300_000) });
  });
});

describe('HF-FILE-14: a stock client', () => {
  it('is given values, and URLs that it can load', async () => {
    const { server, ask, history } = await serve(largeWith(huge));
    const path = `/api/chat/s/files/${digestOf(photo)}`;
    const streamed = await ask();
    expect(streamed).toContainEqual(expect.objectContaining({ type: 'file', url: path }));
    expect(streamed).toContainEqual(expect.objectContaining({ output: huge }));
    let message: UIMessage | undefined;
    for await (message of readUIMessageStream({ stream: streamOf(streamed) }));
    expect(message?.parts[1]).toMatchObject({ type: 'file', url: path });
    const loaded = await fetch(new URL(path, server.origin));
    expect(Buffer.from(await loaded.arrayBuffer()).equals(photo)).toBe(true);
    // Of history it gets no more values than a page can bear.
    const [, file, call] = (await history()).at(-1)?.parts ?? [];
    expect(file).toMatchObject({ url: path });
    expect(call).toMatchObject({ output: reference(huge), input: { of: 'i'.repeat(50_000) } });
    expect((await fetch(`${server.api}/s?files=none`)).status).toBe(400);
    // A session may be called as the route is.
    await server.send({
      id: 'chat',
      message: {
        id: 'q',
        role: 'user',
        parts: [{ type: 'file', mediaType: 'image/png', url: dataUrl(photo) }],
      },
    });
    const page = await (await fetch(`${server.api}/chat`)).json();
    expect(JSON.stringify(page)).toContain(`"/api/chat/chat/files/${digestOf(photo)}"`);
  });

  it('is given data where it asks for that', async () => {
    const { server, ask } = await serve(large);
    const streamed = await ask({ 'holdfast-files': 'data' });
    expect(streamed).toContainEqual(expect.objectContaining({ type: 'file', url: dataUrl(photo) }));
    const refused = await fetch(`${server.api}/s/stream`, { headers: { 'holdfast-files': 'x' } });
    expect(refused.status).toBe(400);
  });

  it('is given signed URLs where the server signs them', async () => {
    const secret = 'a secret that is long enough for it';
    const { server, ask } = await serve(large, { files: { secret } });
    const file = (await ask()).find(({ type }) => type === 'file') as { readonly url: string };
    expect(file.url).toMatch(/^\/api\/chat\/s\/files\/[\w-]{43}\?u=\d+&p=user-1&s=[\w-]{43}$/);
    expect((await fetch(new URL(file.url, server.origin))).status).toBe(200);
  });

  it('may say its list again, with what it shows in the place of files', async () => {
    const { ask, stock, history } = await serve(large);
    await ask();
    const [question, reply] = (await history()) as unknown as UIMessage[];
    const again = { type: 'file', mediaType: 'image/png', url: dataUrl(photo) } as const;
    const next = { id: 'q2', role: 'user', parts: [again] } as UIMessage;
    const third = userMessage('q3', 'and now?') as unknown as UIMessage;
    const say = async (messages: (UIMessage | undefined)[]) => {
      const stream = await stock().sendMessages({
        chatId: 's',
        trigger: 'submit-message',
        messageId: undefined,
        messages: messages.filter((each) => each !== undefined),
        abortSignal: undefined,
      });
      for await (const _ of stream);
    };
    await say([question, reply, next]);
    // The page has the data still, or after a reload the URL.
    await say([question, reply, next, third]);
    const shown = (await history()) as unknown as UIMessage[];
    await say([...shown, userMessage('q4', 'well?') as unknown as UIMessage]);
    expect((await history()).map(({ id }) => id)).toEqual(
      expect.arrayContaining(['q', 'q2', 'q3', 'q4']),
    );
    const other = { ...next, parts: [{ ...again, url: dataUrl(bytesOf(300_000, 2)) }] };
    await expect(
      say([
        question,
        reply,
        other as UIMessage,
        third,
        userMessage('q5', '?') as unknown as UIMessage,
      ]),
    ).rejects.toThrow(/other words/);
  });
});

const streamOf = (all: readonly UIMessageChunk[]) =>
  new ReadableStream<UIMessageChunk>({
    start: (controller) => {
      for (const chunk of all) controller.enqueue(chunk);
      controller.close();
    },
  });
