import type { UIMessageChunk } from 'ai';
import { expect, it } from 'vitest';
import { isAnswers, isNames, uniqueAnswers } from '../../src/http/lists.ts';
import type { Agent } from '../../src/index.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { userMessage } from '../support/server.ts';
import { allPages, say } from '../support/talk.ts';

const output = (toolCallId: string) => ({ type: 'tool-output-available', toolCallId, output: 'x' });
const names = (count: number) => Array.from({ length: count }, (_, at) => `n${at}`);

/** A message with that many calls, which the run has settled. */
async function serve(calls: number) {
  const agent: Agent = () =>
    (async function* (): AsyncGenerator<UIMessageChunk> {
      yield { type: 'start' };
      for (const toolCallId of names(calls)) {
        yield { type: 'tool-input-available', toolCallId, toolName: 'look', input: {} };
        yield { type: 'tool-output-available', toolCallId, output: 'x'.repeat(1_000) };
      }
      yield { type: 'finish' };
    })();
  const server = await startOwnServer({ agent });
  const { messageId } = await say(server, 's', 'go');
  const post = (path: string, body: object) => postJson(`${server.api}${path}`, body);
  const answer = (ids: readonly string[]) =>
    post('/s/answer', { messageId, answers: ids.map(output) });
  return { server, messageId, post, answer };
}

it('HF-HTTP-9: the answer to a request is no larger than what it names, and nothing is named twice', async () => {
  const { answer } = await serve(200);
  const sizes: number[] = [];
  for (const count of [50, 200]) {
    const response = await answer(names(count));
    expect(response.status).toBe(200);
    sizes.push((await response.text()).length);
  }
  const [small = 0, large = 0] = sizes;
  expect(large / small).toBeLessThan(4.2);
  // One call, named as often as fits into a request.
  const flood = await answer(Array.from({ length: 10_000 }, () => 'n0'));
  expect(flood.status).toBe(400);
  expect((await flood.text()).length).toBeLessThan(500);
  expect((await answer(['n0', 'n0'])).status).toBe(400);
});

it('HF-HTTP-9: every list of a request is bounded and unique, and nothing is written otherwise', async () => {
  const { server, messageId, post } = await serve(1);
  const before = await allPages(server, 's');
  const send = { id: 's', command: 'c', trigger: 'submit-message' };
  const status = async (path: string, body: object) => (await post(path, body)).status;
  for (const ids of [names(1_001), ['a', 'b', 'a']]) {
    expect(await status('/s/queue', { order: ids })).toBe(400);
    expect(await status('/s/queue', { remove: ids })).toBe(400);
    const answers = ids.map(output);
    expect(await status('/s/answer', { messageId, answers })).toBe(400);
    expect(await status('', { ...send, continues: messageId, answers })).toBe(400);
  }
  const { command: _, ...stock } = send;
  const messages = names(10_001).map((id) => userMessage(id, 'x'));
  expect(await status('', { ...stock, messages })).toBe(400);
  expect(await status('', { ...stock, messages: [...messages.slice(0, 2), messages[0]] })).toBe(
    400,
  );
  expect(await allPages(server, 's')).toEqual(before);
  expect(await status('/s/queue', { order: names(1_000), remove: names(1_000) })).toBe(200);
});

it('HF-HTTP-9: what is checked of a list grows with the list', () => {
  const work = (count: number) => {
    let looks = 0;
    const counted = names(count).map((id) => ({
      type: 'tool-output-available',
      get toolCallId() {
        looks++;
        return id;
      },
    }));
    isAnswers(counted);
    uniqueAnswers(counted);
    return looks;
  };
  expect(work(1_000) / work(250)).toBeCloseTo(4);
  expect(isNames(names(1_000))).toBe(true);
  expect(isNames(names(1_001))).toBe(false);
});

it('what a part is that is no object, or an approval that is none, is refused with words', async () => {
  const { server, post } = await serve(1);
  const before = await allPages(server, 's');
  for (const part of [null, 7, 'text', [], ['text'], { type: 7 }, { type: null }, {}]) {
    const message = { id: 'm', role: 'user', parts: [part] };
    for (const [path, body] of [
      ['', { id: 's', command: 'c', trigger: 'submit-message', message }],
      ['', { id: 's', trigger: 'submit-message', messages: [...before, message] }],
      ['/s/steer', { message }],
    ] as const)
      expect((await post(path, body)).status).toBe(400);
  }
  const asked = {
    id: 'a',
    role: 'assistant',
    parts: [{ type: 'tool-x', state: 'approval-responded' }],
  };
  for (const approval of [undefined, null, 1, 'yes'])
    for (const part of [null, { ...asked.parts[0], approval }]) {
      const messages = [{ ...asked, parts: [part] }];
      const response = await post('', {
        id: 's',
        trigger: 'submit-message',
        messageId: 'a',
        messages,
      });
      expect([400, 409]).toContain(response.status);
    }
  expect(await allPages(server, 's')).toEqual(before);
  expect(server.errors).toEqual([]);
});
