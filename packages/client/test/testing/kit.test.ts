import {
  call,
  createGate,
  createTestHoldfast,
  say,
  scriptedModel,
  wait,
} from '@holdfast/server/testing';
import {
  convertToModelMessages,
  lastAssistantMessageIsCompleteWithApprovalResponses,
  streamText,
  tool,
  type UIMessage,
} from 'ai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createChatTransport } from '../../src/index.ts';
import { syncChat } from '../../src/sync/index.ts';

const client = { createChatTransport, syncChat };
const textOf = (message: UIMessage | undefined) =>
  (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');

describe('the kit for tests of applications', () => {
  it('sends, and shows the answer', async () => {
    await using test = createTestHoldfast({ script: [say(['Hello', ' there'])] });
    const tab = test.open(client);
    await tab.send('Hi');
    expect(tab.text).toBe('Hello there');
    expect(test.prompts.map((prompt) => prompt.map(textOf))).toEqual([['Hi']]);
    expect(test.model.calls).toHaveLength(1);
  });

  it('shows in another tab what the first one asked, and stops it from there', async () => {
    const gate = createGate();
    await using test = createTestHoldfast({
      script: [say(['One', ' two']), wait(gate), say('three')],
    });
    const first = test.open(client);
    const second = test.open(client, { user: 'other' });
    const answered = first.send('Count');
    await second.until(() => second.text === 'One two');
    await second.stop();
    await answered;
    expect(first.text).toBe('One two');
    expect(test.model.calls[0]?.end).toBe('aborted');
  });

  it('has sessions of its own, also while another one is open', async () => {
    await using one = createTestHoldfast({ script: [say('One')] });
    await using other = createTestHoldfast({ script: [say('Other')] });
    await one.open(client).send('Hi');
    const tab = other.open(client);
    await tab.send('Ho');
    expect(tab.messages.map(textOf)).toEqual(['Ho', 'Other']);
    expect(other.prompts.map((prompt) => prompt.map(textOf))).toEqual([['Ho']]);
  });

  it('cuts the network in mid-answer, and loses no word', async () => {
    const gate = createGate();
    await using test = createTestHoldfast({ script: [say('One'), wait(gate), say(' two')] });
    const tab = test.open(client);
    const answered = tab.send('Count');
    await tab.until(() => tab.text === 'One');
    tab.cut();
    gate.open();
    expect(await test.model.calls[0]?.ended).toBe('finished');
    expect(tab.text).toBe('One');
    tab.restore();
    await answered;
    expect(tab.text).toBe('One two');
  });

  it('keeps a send while there is no network', async () => {
    await using test = createTestHoldfast({ script: [say('Here')] });
    const tab = test.open(client);
    tab.cut();
    const answered = tab.send('Anybody?');
    await tab.until(() => tab.chat.status === 'submitted');
    expect(test.prompts).toEqual([]);
    tab.restore();
    await answered;
    expect(tab.text).toBe('Here');
    expect(test.prompts).toHaveLength(1);
  });

  it('approves a tool of the application, in its own agent', async () => {
    const paid: number[] = [];
    const model = scriptedModel({
      script: ({ index }) => (index === 0 ? [call('pay', { euros: 3 })] : [say('Paid')]),
    });
    await using test = createTestHoldfast({
      agent: async ({ messages, signal }) =>
        streamText({
          model,
          messages: await convertToModelMessages(messages),
          abortSignal: signal,
          tools: {
            pay: tool({
              inputSchema: z.object({ euros: z.number() }),
              needsApproval: true,
              execute: ({ euros }) => {
                paid.push(euros);
                return 'done';
              },
            }),
          },
        }),
    });
    const tab = test.open(client, {
      chat: { sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses },
    });
    await tab.send('Pay');
    expect(paid).toEqual([]);
    await tab.approve();
    await tab.until(() => tab.text === 'Paid' && tab.chat.status === 'ready');
    expect(paid).toEqual([3]);
  });

  it('asks the authorize of the application, with its token', async () => {
    await using test = createTestHoldfast({
      script: [say('Hello')],
      authorize: ({ token }) => (token === 'secret' ? { id: 'ann' } : null),
    });
    await test.open(client, { transport: { token: 'secret' } }).send('Hi');
    const stranger = test.open(client, { chatId: 'other', transport: { token: 'wrong' } });
    await stranger.send('Hi');
    expect(stranger.chat.error?.message).toContain('unable to');
    expect(test.prompts).toHaveLength(1);
  });

  it('takes options that are undefined for ones that were not given', async () => {
    // A helper that passes its own options on gives these, where types are less strict than ours.
    const options: object = { authorize: undefined, prefix: undefined, redis: undefined };
    await using one = createTestHoldfast({ script: [say('One')], ...options });
    await using other = createTestHoldfast({ script: [say('Other')], ...options });
    await one.open(client, { user: 'ann' }).send('Hi');
    const tab = other.open(client, { user: 'bob' });
    await tab.send('Ho');
    expect(tab.messages.map(textOf)).toEqual(['Ho', 'Other']);
    const { authors } = await other.holdfast.session('chat').state();
    expect(authors[tab.messages[0]?.id ?? '']).toMatchObject({ id: 'bob' });
  });

  it('carries over HTTP alone, and cuts that too', async () => {
    const gate = createGate();
    await using test = createTestHoldfast({ script: [say('One'), wait(gate), say(' two')] });
    const tab = test.open(
      {
        createChatTransport: (options) => createChatTransport({ ...options, carrier: 'http' }),
        syncChat,
      },
      { user: 'ann' },
    );
    const answered = tab.send('Count');
    await tab.until(() => tab.text === 'One');
    expect(tab.transport.connection.carrier).toBe('http');
    tab.cut();
    gate.open();
    await test.model.calls[0]?.ended;
    tab.restore();
    await answered;
    expect(tab.text).toBe('One two');
  });

  it('lets an operator answer in the place of the agent', async () => {
    await using test = createTestHoldfast({ script: [say('Hello')] });
    const user = test.open(client);
    const operator = test.open(client, { user: 'eve', operator: true });
    await user.send('Hi');
    await operator.transport.handOff('chat', 'me');
    await user.until(() => user.sync?.getSnapshot().operator?.id === 'eve');
  });

  it('says what a tab shows when a condition does not come true', async () => {
    await using test = createTestHoldfast({ script: [say('Hello')] });
    const tab = test.open(client);
    await tab.send('Hi');
    await expect(
      tab.until(() => {
        throw new Error('wrong');
      }),
    ).rejects.toThrow('wrong');
    await expect(tab.approve()).rejects.toThrow('no approval');
  });
});
