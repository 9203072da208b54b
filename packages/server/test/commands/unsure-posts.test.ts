import { createMemoryLog } from '@holdfast/log';
import { expect, it, vi } from 'vitest';
import { gatedAgent, replying } from '../support/gated-agent.ts';
import { hello, losingAnswers } from '../support/losing-answers.ts';
import { postJson } from '../support/post.ts';
import { startServer, userMessage } from '../support/server.ts';
import { allPages, say, textOf } from '../support/talk.ts';

it('HF-HTTP-33: an edit for people that the log took while nobody knew stops the run that it cuts off', async () => {
  const { log, become } = losingAnswers(createMemoryLog());
  const gated = gatedAgent();
  await using server = await startServer({ log, agent: gated.agent });
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
  const message = userMessage('m1', 'Hi, all');
  const edit = { ...hello('s1'), command: 'c2', message, after: null, wake: false };
  become('unsure');
  expect((await server.post(edit)).status).toBe(503);
  become('up');
  expect((await server.post(edit)).status).toBe(200);
  await vi.waitFor(() => expect(gated.calls[0]?.signal.aborted).toBe(true), { timeout: 20_000 });
  expect((await allPages(server, 's1')).map((each) => textOf(each))).toEqual(['Hi, all']);
});

it('HF-RUN-25: the application is told of messages for people, and of answers, that the log took while nobody knew', async () => {
  const { log, become } = losingAnswers(createMemoryLog());
  const told: string[] = [];
  await using server = await startServer({
    log,
    agent: replying(
      { type: 'start' },
      { type: 'tool-input-available', toolCallId: 't', toolName: 'locate', input: {} },
      { type: 'finish' },
    ),
    hooks: { onMessage: ({ message }) => void told.push(JSON.stringify(message.parts)) },
  });
  const { messageId } = await say(server, 's1', 'Where am I?');
  await vi.waitFor(() => expect(told).toHaveLength(2));
  const answers = [{ type: 'tool-output-available', toolCallId: 't', output: 'at home' }];
  const give = () => postJson(`${server.api}/s1/answer`, { messageId, answers });
  become('unsure');
  expect((await give()).status).toBe(503);
  become('up');
  expect((await give()).status).toBe(200);
  await vi.waitFor(() => expect(told.at(-1)).toContain('at home'), { timeout: 20_000 });
  become('unsure');
  expect((await server.post({ ...hello('s1'), wake: false })).status).toBe(503);
  become('up');
  await vi.waitFor(() => expect(told.at(-1)).toContain('Hi'), { timeout: 20_000 });
  expect(told).toHaveLength(4);
});
