import { createChatTransport } from '@holdfast/client';
import { syncChat } from '@holdfast/client/sync';
import {
  call,
  createGate,
  createTestHoldfast,
  say,
  scriptedModel,
  wait,
} from '@holdfast/server/testing';
import { lastAssistantMessageIsCompleteWithApprovalResponses as approved } from 'ai';
import { expect, test } from 'vitest';
import { agentWith, payments } from './agent.ts';

const client = { createChatTransport, syncChat };

test('pays once, when somebody has approved it', async () => {
  const model = scriptedModel({
    script: ({ index }) => (index === 0 ? [call('pay', { euros: 30 })] : [say('Paid.')]),
  });
  await using app = createTestHoldfast({ agent: agentWith(model) });
  const tab = app.open(client, { chat: { sendAutomaticallyWhen: approved } });

  await tab.send('Pay the bill');
  expect(payments).toEqual([]);
  await tab.approve();
  await tab.until(() => tab.text === 'Paid.');

  expect(payments).toEqual([30]);
  expect(model.calls[1]?.options.prompt.at(-1)?.role).toBe('tool');
});

test('a phone without a network misses nothing, and stops the answer in both', async () => {
  const gate = createGate();
  const model = scriptedModel({ script: [say('One, '), wait(gate), say('two, '), wait(gate)] });
  await using app = createTestHoldfast({ agent: agentWith(model) });
  const desk = app.open(client);
  const phone = app.open(client);

  const answered = desk.send('Count');
  await phone.until(() => phone.text === 'One, ');
  phone.cut();
  gate.open();
  await desk.until(() => desk.text === 'One, two, ');
  phone.restore();
  await phone.until(() => phone.text === 'One, two, ');

  await phone.stop();
  await answered;
  expect(await model.calls[0]?.ended).toBe('aborted');
});

test('the model is given what was said before', async () => {
  const model = scriptedModel({ script: [say('Hello Ann.')] });
  await using app = createTestHoldfast({ agent: agentWith(model) });
  await app.open(client, { user: 'ann' }).send('I am Ann');
  await app.open(client, { user: 'bob' }).send('And I am Bob');

  expect(app.prompts[1]?.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
});
