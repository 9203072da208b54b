import { describe, expect, test } from 'vitest';
import type { Message } from '../src/entries.ts';
import { type SendArguments, type SendRequest, toSendRequest } from '../src/send.ts';
import { type Chat, chats } from './support/chats.ts';

const user = (id: string, text = id): Message => ({
  id,
  role: 'user',
  parts: [{ type: 'text', text }],
});
const assistant = (id: string, ...parts: object[]): Message => ({
  id,
  role: 'assistant',
  parts: [{ type: 'step-start' }, ...parts],
});
const tool = (toolCallId: string, state: string, more: object = {}): object => ({
  type: 'tool-locate',
  toolCallId,
  state,
  input: {},
  ...more,
});

const mintId = (): string => 'minted';

describe.each(chats)('what a chat of ai $sdk hands to its transport', ({ open }) => {
  async function requestOf(
    messages: readonly Message[],
    act: (chat: Chat) => PromiseLike<void>,
  ): Promise<SendRequest> {
    const { chat, seen } = open(messages);
    await act(chat);
    // An answer to a tool call is sent on behind the answer itself.
    await expect.poll(() => seen.length).toBe(1);
    return toSendRequest(seen[0] as SendArguments, mintId);
  }

  test('a new message becomes that message, under its own id as the command (HF-HTTP-13)', async () => {
    const request = await requestOf([user('u1'), assistant('a1')], (chat) =>
      chat.sendMessage({ text: 'Hello' }),
    );
    expect(request).toMatchObject({
      id: 's1',
      command: 'new',
      trigger: 'submit-message',
      message: { id: 'new', role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
    });
    expect(Object.keys(request).sort()).toEqual(['command', 'id', 'message', 'trigger']);
  });

  test('an edited message keeps its id and cuts off what came after the one before it', async () => {
    const messages = [user('u1'), assistant('a1'), user('u2'), assistant('a2')];
    expect(
      await requestOf(messages, (chat) => chat.sendMessage({ text: 'Better', messageId: 'u2' })),
    ).toMatchObject({
      command: 'minted',
      trigger: 'submit-message',
      message: { id: 'u2', parts: [{ type: 'text', text: 'Better' }] },
      after: 'a1',
    });
  });

  test('an edit of the first message leaves none before it', async () => {
    expect(
      await requestOf([user('u1'), assistant('a1')], (chat) =>
        chat.sendMessage({ text: 'Better', messageId: 'u1' }),
      ),
    ).toMatchObject({ message: { id: 'u1' }, after: null });
  });

  test('a reply that is asked for again names the last message to keep', async () => {
    expect(await requestOf([user('u1'), assistant('a1')], (chat) => chat.regenerate())).toEqual({
      id: 's1',
      command: 'minted',
      trigger: 'regenerate-message',
      after: 'u1',
    });
  });

  test('the output of a client tool becomes an answer to the message that goes on (HF-HTTP-28)', async () => {
    const messages = [user('u1'), assistant('a1', tool('c1', 'input-available'))];
    const give = (output: string) => (chat: Chat) =>
      chat.addToolOutput({ tool: 'locate', toolCallId: 'c1', output });
    const request = await requestOf(messages, give('Bergen'));
    expect(request).toMatchObject({
      trigger: 'submit-message',
      continues: 'a1',
      answers: [{ type: 'tool-output-available', toolCallId: 'c1', output: 'Bergen' }],
    });
    expect(request).not.toHaveProperty('message');
    expect(request).not.toHaveProperty('after');
    // Another tab that continues the same way sends the same command, whatever it answers.
    expect((await requestOf(messages, give('Oslo'))).command).toBe(request.command);
  });

  test('an approval becomes an answer to the message that goes on (HF-HTTP-28)', async () => {
    const asked = tool('c1', 'approval-requested', { approval: { id: 'p1' } });
    expect(
      await requestOf([user('u1'), assistant('a1', asked)], (chat) =>
        chat.addToolApprovalResponse({ id: 'p1', approved: false, reason: 'no' }),
      ),
    ).toMatchObject({
      continues: 'a1',
      answers: [
        { type: 'tool-approval-response', approvalId: 'p1', approved: false, reason: 'no' },
      ],
    });
  });

  test('a send of nothing new behind a user message asks for the reply to that message', async () => {
    expect(await requestOf([user('u1'), user('u2')], (chat) => chat.sendMessage())).toMatchObject({
      command: 'minted',
      message: { id: 'u2' },
      after: 'u1',
    });
  });

  test('a send of nothing new behind a reply lets that reply go on', async () => {
    expect(await requestOf([user('u1'), assistant('a1')], (chat) => chat.sendMessage())).toEqual({
      id: 's1',
      command: 'minted',
      trigger: 'submit-message',
      continues: 'a1',
      answers: [],
    });
  });
});

describe('a reply that goes on', () => {
  const continued = (...parts: object[]): SendRequest =>
    toSendRequest(
      {
        id: 's1',
        trigger: 'submit-message',
        messageId: 'a1',
        messages: [user('u1'), assistant('a1', ...parts)],
      },
      mintId,
    );

  test('has no answers for calls that are open, provider-executed or preliminary (HF-HTTP-28)', () => {
    const open = [
      tool('c1', 'input-streaming'),
      tool('c2', 'input-available'),
      tool('c3', 'approval-requested', { approval: { id: 'p' } }),
      tool('c4', 'output-available', { output: 1, providerExecuted: true }),
      tool('c5', 'output-available', { output: 1, preliminary: true }),
      tool('c6', 'output-denied', { approval: { id: 'p', approved: false } }),
      { type: 'text', text: 'x' },
      { type: 'data-x', data: { toolCallId: 'c7', state: 'output-available' } },
    ];
    expect(continued(...open)).toMatchObject({ command: 'minted', answers: [] });
  });

  test('has an answer for the error of a client tool (HF-HTTP-28)', () => {
    expect(continued(tool('c1', 'output-error', { errorText: 'denied' })).answers).toEqual([
      { type: 'tool-output-error', toolCallId: 'c1', errorText: 'denied' },
    ]);
  });

  test('is another command once more calls are answered (HF-HTTP-13)', () => {
    const one = tool('c1', 'output-available', { output: 1 });
    const two = tool('c2', 'output-available', { output: 2 });
    expect(continued(one).command).not.toBe(continued(one, two).command);
  });

  test('may be an earlier one, when the approval that it waited for comes late', () => {
    const late = assistant(
      'a1',
      tool('c1', 'approval-responded', { approval: { id: 'p1', approved: true } }),
    );
    expect(
      toSendRequest(
        {
          id: 's1',
          trigger: 'submit-message',
          messageId: 'a1',
          messages: [user('u1'), late, user('u2')],
        },
        mintId,
      ),
    ).toMatchObject({
      continues: 'a1',
      answers: [{ type: 'tool-approval-response', approvalId: 'p1', approved: true }],
    });
  });
});

test('a send in an empty session has nothing but its command', () => {
  expect(
    toSendRequest(
      { id: 's1', trigger: 'submit-message', messageId: undefined, messages: [] },
      mintId,
    ),
  ).toEqual({ id: 's1', command: 'minted', trigger: 'submit-message' });
});
