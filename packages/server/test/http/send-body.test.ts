import { describe, expect, it } from 'vitest';
import { isMessage, readSend } from '../../src/http/send-body.ts';

const mintId = () => 'minted';
const message = (id: string, role = 'user') => ({ id, role, parts: [{ type: 'text', text: id }] });
const own = { id: 's', command: 'c' };
const stock = { id: 's', messages: [message('a')] };
const read = (body: object) => readSend(body as Record<string, unknown>, mintId);
const refused = (body: object) => {
  try {
    return read(body);
  } catch (error) {
    const { code, message: words } = error as { code: string; message: string };
    return { code, words };
  }
};
const output = (toolCallId: string) => ({ type: 'tool-output-available', toolCallId, output: 1 });

describe('HF-HTTP-13: what a send says', () => {
  it('is its members, and nothing more', () => {
    const all = {
      ...own,
      trigger: 'regenerate-message',
      message: message('m'),
      after: 'a',
      base: 'E:1-1',
      continues: 'x',
      answers: [output('t')],
      expect: 'e',
      whileBusy: 'queue',
      wake: false,
      to: 'agent',
      metadata: null,
      body: { own: 1 },
    };
    expect(read(all)).toEqual({ send: all, stock: false });
    expect(read({ ...own, other: 1 })).toEqual({
      send: { ...own, trigger: 'submit-message' },
      stock: false,
    });
    expect(read({ ...own, after: null, expect: null }).send).toMatchObject({
      after: null,
      expect: null,
    });
  });

  it.each([
    ['id', [undefined, '', 7, '{x}', 'x'.repeat(129)]],
    ['trigger', ['other', 7, null]],
    ['command', [undefined, '', 7, 'x'.repeat(257)]],
    ['message', [null, 'text', {}, { ...message('m'), id: '' }, { ...message('m'), role: 7 }]],
    [
      'message',
      [
        { ...message('m'), parts: 'none' },
        { ...message('m'), parts: ['text'] },
      ],
    ],
    ['after', ['', 7, {}]],
    ['base', [null, '', 7]],
    ['continues', [null, '', 7]],
    ['answers', [null, 'x', [7], [{}], [output('t'), output('t')]]],
    ['answers', [Array.from({ length: 1_001 }, (_, at) => output(`t${at}`))]],
    ['expect', ['', 7]],
    ['whileBusy', [null, '', 'other', 7]],
    ['to', [null, '', 7]],
    ['wake', [null, 'no', 0]],
    ['body', [null, 'text', [1]]],
  ])('is refused with words where `%s` is none', (member, values) => {
    for (const value of values)
      expect(refused({ ...own, [member]: value }), JSON.stringify(value)?.slice(0, 80)).toEqual({
        code: 'bad_request',
        words: expect.stringContaining(`\`${member}\``),
      });
  });

  it('has as many answers as may be', () => {
    const answers = Array.from({ length: 1_000 }, (_, at) => output(`t${at}`));
    expect(read({ ...own, answers }).send.answers).toHaveLength(1_000);
  });
});

describe('a call of the SDK says in its body what has no other place', () => {
  it.each([
    [{ to: 'a' }, { to: 'a' }],
    [{ whileBusy: 'steer' }, { whileBusy: 'steer' }],
    [{ wake: false }, { wake: false }],
    [{ expect: null }, { expect: null }],
    [{ expect: 'm' }, { expect: 'm' }],
    [{ to: '', whileBusy: 'other', wake: 'no', expect: 7 }, {}],
  ])('%j', (body, wishes) => {
    expect(read({ ...own, body }).send).toEqual({
      ...own,
      trigger: 'submit-message',
      body,
      ...wishes,
    });
    expect(read({ ...stock, ...body }).send).toMatchObject({ ...wishes, body });
  });

  it('but what the send itself says counts', () => {
    const body = { to: 'a', whileBusy: 'queue', wake: true, expect: 'm' };
    const said = { to: 'b', whileBusy: 'reject', wake: false, expect: null };
    expect(read({ ...own, ...said, body }).send).toMatchObject(said);
  });
});

describe('a stock client', () => {
  it('sends its transcript, of which the last message is new', () => {
    const messages = [message('a'), message('b', 'assistant'), message('c')];
    expect(read({ id: 's', messages })).toMatchObject({
      send: { id: 's', trigger: 'submit-message', command: 'c', message: message('c') },
      stock: true,
      transcript: { messages },
    });
    expect(read({ id: 's', messages, messageId: null }).send.command).toBe('c');
    expect(read({ id: 's', messages, messageId: 'c' }).send).toMatchObject({
      command: 'minted',
      after: 'b',
    });
    expect(read({ id: 's', messages, trigger: 'regenerate-message' }).send).toMatchObject({
      command: 'minted',
      trigger: 'regenerate-message',
    });
  });

  it('sends what else there is for the application', () => {
    expect(read({ ...stock, messageId: null, model: 'large' }).send.body).toEqual({
      model: 'large',
    });
    expect(read(stock).send).not.toHaveProperty('body');
  });

  it('that shows the answer to a call twice gives one', () => {
    const part = (more: object) => ({ type: 'tool-ask', state: 'output-available', ...more });
    const parts = [
      part({ toolCallId: 't', output: 1 }),
      part({ toolCallId: 't', output: 2 }),
      part({ toolCallId: 'u', output: 3 }),
    ];
    const { send } = read({ id: 's', messages: [{ id: 'm', role: 'assistant', parts }] });
    expect(send).toMatchObject({ continues: 'm', answers: [{ output: 1 }, { output: 3 }] });
    expect(send.answers).toHaveLength(2);
  });

  it.each([
    ['messages', [message('a'), message('a')]],
    ['messages', [7]],
    ['messages', [{ ...message('a'), parts: undefined }]],
    ['messages', Array.from({ length: 10_001 }, (_, at) => message(`m${at}`))],
    ['messageId', ''],
    ['messageId', 7],
  ])('is refused with words where `%s` is none', (member, value) => {
    expect(refused({ ...stock, [member]: value })).toMatchObject({
      code: 'bad_request',
      words: expect.stringContaining(`\`${member}\``),
    });
  });
});

it.each([
  [message('a'), true],
  [{ ...message('a'), parts: [] }, true],
  [{ ...message('a'), parts: [null] }, false],
  [{ ...message('a'), id: 'x'.repeat(257) }, false],
  [[], false],
  [null, false],
])('is a message: %j: %s', (value, expected) => {
  expect(isMessage(value)).toBe(expected);
});
