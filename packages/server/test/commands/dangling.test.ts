import { createMemoryLog, type SessionLog } from '@holdfast/log';
import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import {
  agentOf,
  approval,
  call,
  heedless,
  outputsOf,
  peers,
  serve,
  stateOf,
} from '../support/dangling.ts';
import { changed } from '../support/logs.ts';
import { postJson } from '../support/post.ts';
import { userMessage } from '../support/server.ts';
import { allPages, ended, say } from '../support/talk.ts';

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
