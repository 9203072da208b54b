import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRedisLog } from '@holdfast/log/redis';
import type { AnswerResponse, ClaimResponse, SteerResponse } from '@holdfast/protocol';
import { forkSource } from '@holdfast/testkit/fork-source';
import type {} from '@holdfast/testkit/redis-global-setup';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { uniquePrefix } from '../support/logs.ts';
import { postJson } from '../support/post.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';
import { allPages, textOf } from '../support/talk.ts';

// What is asked here is done there: the agent is in another process, and this one has none.
let child: ChildProcess;
let there = '';
let here: TestServer;
const told: Record<string, unknown>[] = [];

beforeAll(async () => {
  const prefix = uniquePrefix();
  const redis = inject('redisUrl');
  child = forkSource(new URL('../support/working-process.ts', import.meta.url), [redis, prefix]);
  child.on('message', (message) => told.push(message as Record<string, unknown>));
  const [{ api }] = (await once(child, 'message')) as [{ api: string }];
  there = api;
  here = await startServer({ log: createRedisLog({ redis, prefix }) });
});
afterAll(async () => {
  child?.disconnect();
  await here?.[Symbol.asyncDispose]();
});

const post = async (url: string, body: object): Promise<unknown> => {
  const response = await postJson(url, body);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return await response.json();
};

const send = (id: string, text: string, more: object = {}) =>
  post(there, {
    id,
    command: text,
    trigger: 'submit-message',
    message: userMessage(`${id} ${text}`, text),
    ...more,
  }) as Promise<{ run: string; messageId: string; state: string }>;

const texts = async (id: string) => (await allPages(here, id)).map(textOf).filter(Boolean);

type Part = { readonly state?: string; readonly toolCallId?: string } & Record<string, unknown>;

/** The open call of the last message, as it is seen here. */
async function openCall(id: string, state: string) {
  const found = await vi.waitFor(async () => {
    const message = (await allPages(here, id)).at(-1);
    const part = (message?.parts as Part[] | undefined)?.find((each) => each.state === state);
    if (!message || !part) throw new Error('not asked yet');
    return { messageId: message.id, part };
  });
  return { ...found, toolCallId: found.part.toolCallId ?? '' };
}

it('a steer from here reaches the model there', async () => {
  const id = `s-${crypto.randomUUID()}`;
  const { run } = await send(id, 'look');
  await vi.waitFor(() => expect(told).toContainEqual({ looking: true }));
  const message = userMessage('brief', 'Be brief.');
  const steered = (await post(`${here.api}/${id}/steer`, { message })) as SteerResponse;
  expect(steered).toEqual({ run, state: 'waiting' });
  // Queued there, and put in order here.
  await send(id, 'a', { whileBusy: 'queue' });
  await send(id, 'b', { whileBusy: 'queue' });
  await post(`${here.api}/${id}/queue`, { order: ['b'] });
  child.send('open');
  // What the model was told stands in its later prompts as well, for which version 6 has no part of its own.
  const later = (text: string) => (process.env.AI_SDK === '6' ? `re: ${text}` : 'Brief.');
  const all = ['look', 'Brief.', 'b', later('b'), 'a', later('a')];
  await vi.waitFor(async () => expect(await texts(id)).toEqual(all), { timeout: 20_000 });
}, 60_000);

it('a call is claimed and answered here, and the run goes on there', async () => {
  const id = `s-${crypto.randomUUID()}`;
  await send(id, 'ask');
  const { messageId, toolCallId } = await openCall(id, 'input-available');
  const claim = (api: string, holder: string) =>
    post(`${api}/${id}/claim`, { messageId, toolCallId, holder }) as Promise<ClaimResponse>;
  const claims = await Promise.all([claim(here.api, 'a'), claim(there, 'b'), claim(there, 'c')]);
  expect(claims.map(({ state }) => state).sort()).toEqual(['held', 'taken', 'taken']);
  const output = { type: 'tool-output-available', toolCallId, output: 'yes' };
  const give = (api: string, more: object = {}) =>
    post(`${api}/${id}/answer`, {
      messageId,
      answers: [{ ...output, ...more }],
    }) as Promise<AnswerResponse>;
  const [first, second] = await Promise.all([give(here.api), give(there, { output: 'no' })]);
  expect(first.answers).toEqual(second.answers);
  await post(there, {
    id,
    command: 'on',
    trigger: 'submit-message',
    continues: messageId,
    answers: [],
  });
  await vi.waitFor(async () => expect((await texts(id)).at(-1)).toBe('re: ask'));
  expect(await allPages(here, id)).toHaveLength(2);
});

it('an approval is given here, and the tool executed there, once', async () => {
  const id = `s-${crypto.randomUUID()}`;
  await send(id, 'book');
  const { messageId, part } = await openCall(id, 'approval-requested');
  const { id: approvalId, signature } = part.approval as { id: string; signature?: string };
  expect(signature).toEqual(expect.any(String));
  const approval = { type: 'tool-approval-response', approvalId, approved: true };
  await post(`${here.api}/${id}/answer`, { messageId, answers: [approval] });
  const goOn = () =>
    post(there, {
      id,
      command: 'go',
      trigger: 'submit-message',
      continues: messageId,
      answers: [approval],
    });
  const runs = (await Promise.all([goOn(), goOn(), goOn()])) as { run: string }[];
  expect(new Set(runs.map(({ run }) => run)).size).toBe(1);
  await vi.waitFor(async () => expect((await texts(id)).at(-1)).toContain('re: book'));
  expect(told.filter(({ booked }) => booked)).toHaveLength(1);
});
