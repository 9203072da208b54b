import { createOpenAI } from '@ai-sdk/openai';
import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { openAiApi } from '@holdfast/testkit/openai-api';
import { convertToModelMessages, streamText, tool, type UIMessageChunk } from 'ai';
import { setupServer } from 'msw/node';
import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Agent, HoldfastOptions } from '../../src/index.ts';
import type { CheckpointDraft } from '../../src/session/checkpoint-draft.ts';
import { SessionView } from '../../src/session/view.ts';
import { changed } from '../support/logs.ts';
import { postJson } from '../support/post.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';
import { allPages, ended, say } from '../support/talk.ts';

const peers: { close(): void }[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.close();
});

const call = (toolCallId: string): UIMessageChunk => ({
  type: 'tool-input-available',
  toolCallId,
  toolName: 'ask',
  input: {},
});
const approval = (toolCallId: string): UIMessageChunk => ({
  type: 'tool-approval-request',
  approvalId: `a-${toolCallId}`,
  toolCallId,
});

/** Its first answers are those chunks; then it is the real provider, on an API that records. */
function agentOf(...first: (readonly UIMessageChunk[])[]) {
  const api = openAiApi({ pieces: ['Well.'] });
  const peer = setupServer(...api.handlers);
  peer.listen({ onUnhandledFrame: 'bypass' });
  peers.push(peer);
  const openai = createOpenAI({ apiKey: 'test' });
  const answers = [...first];
  const agent: Agent = async ({ messages, signal }) => {
    const chunks = answers.shift();
    if (chunks)
      return (async function* (): AsyncGenerator<UIMessageChunk> {
        yield { type: 'start' };
        yield* chunks;
        yield { type: 'finish' };
      })();
    return streamText({
      model: openai('gpt-5'),
      tools: { ask: tool({ inputSchema: z.object({}) }) },
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
      maxRetries: 0,
      onError: () => {},
    } as unknown as Parameters<typeof streamText>[0]);
  };
  return { agent, api };
}

interface Item {
  readonly type?: string;
  readonly call_id?: string;
  readonly output?: unknown;
}

/** OpenAI's rule: every call of the input has one output. */
function outputsOf(api: ReturnType<typeof openAiApi>): readonly unknown[] {
  const input = api.requests.at(-1)?.body.input as readonly Item[];
  const idsOf = (type: string) =>
    input.filter((item) => item.type === type).map((item) => item.call_id);
  expect(idsOf('function_call').sort()).toEqual(idsOf('function_call_output').sort());
  return input.filter(({ type }) => type === 'function_call_output').map(({ output }) => output);
}

async function serve(agent: Agent, options: HoldfastOptions = {}): Promise<TestServer> {
  const server = await startServer({ agent, ...options });
  peers.push({ close: () => void server[Symbol.asyncDispose]() });
  return server;
}

const stateOf = async (server: TestServer, toolCallId: string) =>
  (await allPages(server, 's'))
    .flatMap(({ parts }) => parts as readonly { toolCallId?: string; state?: string }[])
    .find((part) => part.toolCallId === toolCallId)?.state;

it('HF-RUN-7: a new message ends calls that nobody answered, for clients and for the provider', async () => {
  const { agent, api } = agentOf([call('c1'), call('c2')]);
  const server = await serve(agent);
  await say(server, 's', 'Where am I?');
  await say(server, 's', 'Never mind.');
  expect(outputsOf(api)).toHaveLength(2);
  for (const id of ['c1', 'c2']) expect(await stateOf(server, id)).toBe('output-error');
});

it('HF-RUN-7: a new message denies approvals that nobody gave', async () => {
  const { agent, api } = agentOf([call('c1'), approval('c1')]);
  const server = await serve(agent);
  await say(server, 's', 'Delete it.');
  await say(server, 's', 'Wait, do not.');
  expect(outputsOf(api)).toHaveLength(1);
  expect(await stateOf(server, 'c1')).toBe('output-denied');
});

it('HF-RUN-7: an edit ends calls of what stays, and not of what it cuts off', async () => {
  const { agent, api } = agentOf([call('c1')], [call('c2')]);
  const server = await serve(agent);
  await say(server, 's', 'first');
  await say(server, 's', 'second');
  const [, first, second] = await allPages(server, 's');
  const edited = userMessage(second?.id ?? '', 'second, edited');
  const sent = await server.send({ id: 's', message: edited, after: first?.id ?? null });
  await ended(server, 's', sent.run);
  expect(outputsOf(api)).toHaveLength(1);
  expect(await stateOf(server, 'c1')).toBe('output-error');
  expect(await stateOf(server, 'c2')).toBeUndefined();
});

it('HF-RUN-7: an answer that comes too late changes nothing, and is told so', async () => {
  const { agent, api } = agentOf([call('c1')]);
  const server = await serve(agent);
  const asked = await say(server, 's', 'Where am I?');
  await say(server, 's', 'Never mind.');
  const before = await allPages(server, 's');
  const answers = [{ type: 'tool-output-available', toolCallId: 'c1', output: 'Oslo' }];
  const late = server.send({ id: 's', continues: asked.messageId, answers });
  await expect(late).rejects.toThrow(/409 .*conflict/);
  expect(await allPages(server, 's')).toEqual(before);
  expect(api.requests).toHaveLength(1);
});

it('HF-RUN-7: of an answer and a message at the same moment one comes first, and no prompt is broken', async () => {
  for (let round = 0; round < 10; round++) {
    const { agent, api } = agentOf([call('c1')]);
    const server = await serve(agent);
    const asked = await say(server, 's', 'Where am I?');
    const answers = [{ type: 'tool-output-available', toolCallId: 'c1', output: 'Oslo' }];
    await Promise.allSettled([
      server.send({ id: 's', continues: asked.messageId, answers }),
      server.send({ id: 's', message: userMessage('m2', 'Never mind.') }),
    ]);
    await vi.waitFor(async () => {
      const { runs } = (await (await fetch(`${server.api}/s`)).json()) as {
        runs: { state: string }[];
      };
      expect(runs.every(({ state }) => state === 'finished')).toBe(true);
      expect(api.requests.length).toBeGreaterThan(0);
    });
    expect(outputsOf(api)).toHaveLength(1);
    peers.pop()?.close();
    peers.pop()?.close();
  }
}, 60_000);

it('a call that is kept can be answered behind other messages', async () => {
  const { agent } = agentOf([call('c1')], [{ type: 'text-start', id: 't' }]);
  const server = await serve(agent, { openCalls: 'keep' });
  const asked = await say(server, 's', 'Where am I?');
  await say(server, 's', 'By the way.');
  expect(await stateOf(server, 'c1')).toBe('input-available');
  const answers = [{ type: 'tool-output-available', toolCallId: 'c1', output: 'Oslo' }];
  const sent = await server.send({ id: 's', continues: asked.messageId, answers });
  await ended(server, 's', sent.run);
  expect(await stateOf(server, 'c1')).toBe('output-available');
});

/** An agent whose first run calls tools and waits for them for ever, whatever its signal says. */
function heedless(...first: readonly UIMessageChunk[]) {
  const { agent: provider, api } = agentOf();
  let finish = (): void => {};
  const hanging = new Promise<void>((resolve) => {
    finish = resolve;
  });
  peers.push({ close: () => finish() });
  let isFirst = true;
  const agent: Agent = (context) => {
    if (!isFirst) return provider(context);
    isFirst = false;
    return (async function* (): AsyncGenerator<UIMessageChunk> {
      yield { type: 'start' };
      yield* first;
      await hanging;
    })();
  };
  return { agent, api };
}

/** Has the run of a first message stopped that goes on all the same. */
async function stopHeedless(server: TestServer, toolCallId: string): Promise<void> {
  const { run } = await server.send({ id: 's', message: userMessage('m1', 'Do it.') });
  await vi.waitFor(async () => expect(await stateOf(server, toolCallId)).toBeDefined());
  const stopped = await postJson(`${server.api}/s/cancel`, { run });
  expect(stopped.status).toBe(200);
}

it('HF-RUN-7: calls of a run that does not heed its stop are ended before the next prompt', async () => {
  const { agent, api } = heedless(call('c1'), call('c2'), approval('c2'));
  const server = await serve(agent);
  await stopHeedless(server, 'c2');
  await say(server, 's', 'Something else.');
  expect(outputsOf(api)).toHaveLength(2);
  expect(await stateOf(server, 'c1')).toBe('output-error');
  expect(await stateOf(server, 'c2')).toBe('output-denied');
});

it('HF-RUN-7: so are those of a run whose stop was stored with the session', async () => {
  const { agent, api } = heedless(call('c1'));
  const limits = { ...defaultLimits, tailMs: 0 };
  const log = createMemoryLog({ limits });
  const server = await serve(agent, { log, limits });
  await stopHeedless(server, 'c1');
  await server.holdfast.session('s').state();
  const head = await log.head('s');
  const view = new SessionView('s', log, limits);
  await view.readOn();
  const draft = await view.draft();
  expect(
    await log.checkpoint('s', { ...(draft as CheckpointDraft).command, trim: head?.top ?? null }),
  ).toBe('done');
  const other = await serve(agent, { log, limits });
  await say(other, 's', 'Something else.');
  expect(outputsOf(api)).toHaveLength(1);
});

it('HF-RUN-7: so are those of a run whose stop was not delivered to this process yet', async () => {
  const { agent, api } = heedless(call('c1'));
  const log = createMemoryLog();
  const server = await serve(agent, { log });
  let isHeld = false;
  const subscribe: SessionLog['subscribe'] = (session, listener) =>
    log.subscribe(session, (delivery) => {
      if (!isHeld) listener(delivery);
    });
  const deaf = await serve(agent, { log: changed(log, { subscribe }) });
  const { run } = await server.send({ id: 's', message: userMessage('m1', 'Do it.') });
  await vi.waitFor(async () => expect(await stateOf(deaf, 'c1')).toBe('input-available'));
  isHeld = true;
  await postJson(`${server.api}/s/cancel`, { run });
  const sent = await deaf.send({ id: 's', message: userMessage('m2', 'Something else.') });
  await vi.waitFor(() => expect(api.requests).toHaveLength(1));
  expect(outputsOf(api)).toHaveLength(1);
  await ended(server, 's', sent.run);
});

it('HF-RUN-7, HF-RUN-2: a call of a run that goes on is its own to settle, and ended in other prompts', async () => {
  const { agent, api } = heedless(call('c1'), call('c2'), approval('c2'));
  const server = await serve(agent);
  const first = await server.send({ id: 's', message: userMessage('m1', 'Do it.') });
  await vi.waitFor(async () => expect(await stateOf(server, 'c2')).toBe('approval-requested'));
  const sent = await server.send({ id: 's', message: userMessage('m2', 'And this.') });
  await ended(server, 's', sent.run);
  expect(JSON.stringify(outputsOf(api))).toMatch(/Not finished yet.*denied/);
  expect(await stateOf(server, 'c1')).toBe('input-available');
  expect(await stateOf(server, 'c2')).toBe('approval-requested');
  expect(first.run).not.toBe(sent.run);
});

it('HF-RUN-2: a call that waits for a client is ended in the prompt of a run of the server, and can be answered', async () => {
  const { agent, api } = agentOf([call('c1')]);
  const server = await serve(agent);
  const asked = await say(server, 's', 'Where am I?');
  await server.holdfast.session('s').run({ agent: 'helper' }, agent);
  expect(outputsOf(api)).toHaveLength(1);
  expect(await stateOf(server, 'c1')).toBe('input-available');
  const answers = [{ type: 'tool-output-available', toolCallId: 'c1', output: 'Oslo' }];
  const sent = await server.send({ id: 's', continues: asked.messageId, answers });
  await ended(server, 's', sent.run);
  expect(outputsOf(api)).toEqual(['Oslo']);
});

it('HF-RUN-2: a message goes on while another run is at a call in it', async () => {
  const { agent: provider, api } = agentOf([call('c1')]);
  const done = Promise.withResolvers<void>();
  peers.push({ close: () => done.resolve() });
  async function* slow(): AsyncGenerator<UIMessageChunk> {
    yield { type: 'start' };
    yield call('c2');
    await done.promise;
  }
  let asks = 0;
  const agent: Agent = (context) => (++asks === 2 ? slow() : provider(context));
  const server = await serve(agent, { clientTools: ['ask'] });
  const asked = await say(server, 's', 'Where am I?');
  const answer = (toolCallId: string, output: string) => ({
    id: 's',
    continues: asked.messageId,
    answers: [{ type: 'tool-output-available', toolCallId, output }],
  });
  await server.send(answer('c1', 'Oslo'));
  await vi.waitFor(async () => expect(await stateOf(server, 'c2')).toBe('input-available'));
  await server.send({ id: 's', continues: asked.messageId });
  await vi.waitFor(() => expect(api.requests).toHaveLength(1));
  expect(outputsOf(api)).toHaveLength(2);
  expect(await stateOf(server, 'c2')).toBe('input-available');
});

it('HF-RUN-2: a server that keeps calls open leaves prompts as they are', async () => {
  const { agent } = agentOf([call('c1')]);
  const server = await serve(agent, { openCalls: 'keep' });
  await say(server, 's', 'Where am I?');
  let state: unknown;
  await server.holdfast.session('s').run({ agent: 'helper' }, async function* ({ messages }) {
    state = messages[1]?.parts[0];
    yield { type: 'finish' };
  });
  expect(state).toMatchObject({ toolCallId: 'c1', state: 'input-available' });
});
