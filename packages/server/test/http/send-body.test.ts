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

describe('a stock client without its list', () => {
  const trigger = 'regenerate-message';

  it('sends its last message alone, or says where that goes', () => {
    const sent = { send: { id: 's', command: 'm', message: message('m') }, stock: true };
    expect(read({ id: 's', message: message('m') })).toMatchObject(sent);
    expect(read({ id: 's', message: message('m') })).not.toHaveProperty('place');
    expect(read({ id: 's', message: message('m'), messageId: 'x', model: 1 })).toMatchObject({
      send: { id: 's', command: 'minted', message: message('m'), body: { model: 1 } },
      ...{ stock: true, place: { messageId: 'x' } },
    });
  });

  it('asks again for an answer, the last one where it names none', () => {
    const send = { id: 's', command: 'minted', trigger };
    expect(read({ id: 's', trigger })).toEqual({
      ...{ send, stock: true, place: { messageId: undefined } },
    });
    expect(read({ id: 's', trigger, messageId: 'x' })).toEqual({
      ...{ send, stock: true, place: { messageId: 'x' } },
    });
    // With a command it is one of ours.
    expect(read({ ...own, trigger })).toEqual({ send: { ...own, trigger }, stock: false });
  });

  it('gives an answer, which is no edit', () => {
    const parts = [{ type: 'tool-ask', state: 'output-available', toolCallId: 't', output: 1 }];
    const given = read({ id: 's', message: { id: 'm', role: 'assistant', parts }, messageId: 'm' });
    expect(given).toMatchObject({ send: { continues: 'm' }, stock: true });
    expect(given).not.toHaveProperty('place');
  });

  it('is refused with words', () => {
    expect(refused({ id: 's', message: 7 })).toMatchObject({
      words: expect.stringContaining('`message`'),
    });
    expect(refused({ id: 's' })).toMatchObject({ words: expect.stringContaining('`command`') });
  });
});

describe('HF-HTTP-25: a page that says what it had shown', () => {
  const transcript = { messages: [message('a')], shown: ['a'], isSameChat: true };
  const many = (count: number) => Array.from({ length: count }, (_, at) => `m${at}`);

  it('sends its list with it', () => {
    const send = { ...own, trigger: 'submit-message' };
    expect(read({ ...own, transcript })).toEqual({ send, stock: false, transcript });
    const large = { ...transcript, messages: many(10_000).map((id) => message(id)) };
    for (const most of [large, { ...transcript, shown: many(10_000) }])
      expect(read({ ...own, transcript: most }).transcript).toEqual(most);
  });

  it.each([
    ['transcript', null],
    ['transcript.messages', { ...transcript, messages: [message('a'), message('a')] }],
    ['transcript.messages', { ...transcript, messages: undefined }],
    ['transcript.shown', { ...transcript, shown: 'a' }],
    ['transcript.shown', { ...transcript, shown: ['a', 7] }],
    ['transcript.shown', { ...transcript, shown: many(10_001) }],
    ['transcript.isSameChat', { ...transcript, isSameChat: 'yes' }],
  ])('is refused with words where `%s` is none', (member, value) => {
    expect(refused({ ...own, transcript: value })).toMatchObject({
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
