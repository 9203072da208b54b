import type { Message, SendRequest } from '@holdfast/protocol';
import { toSendRequest } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { actOf, type Standing } from '../../src/http/act.ts';

/** `u1` is a user's message, `a1` a reply; `u1!` the same with other words. */
const list = (names: string): Message[] =>
  names
    .split(' ')
    .filter(Boolean)
    .map((name) => ({
      id: name.replace('!', ''),
      role: name.startsWith('u') ? 'user' : 'assistant',
      parts: [{ type: 'text', text: name }],
    }));

/** A session as one of its pages has seen it; `~` before a message says that it came since. */
const standing = (names: string, more: Partial<Standing> = {}): Standing => ({
  held: names
    .split(' ')
    .filter(Boolean)
    .map((name) => ({
      id: name.replace('~', ''),
      role: /^~?u/.test(name) ? 'user' : 'assistant',
      isSeen: !name.startsWith('~'),
    })),
  isWhole: true,
  isSure: false,
  isElsewhere: () => false,
  isChanged: ({ parts }) => JSON.stringify(parts).includes('!'),
  ...more,
});

type What = 'send' | 'again' | { readonly edit: string };

function act(shows: string, what: What, session: Standing) {
  const messages = list(shows);
  const send: SendRequest = toSendRequest(
    {
      id: 's1',
      trigger: what === 'again' ? 'regenerate-message' : 'submit-message',
      messageId: typeof what === 'object' ? what.edit : undefined,
      messages,
    },
    () => 'minted',
  );
  const { message, cut } = actOf(send, messages, session);
  return { message: message?.id, cut: cut === undefined ? undefined : session.held[cut]?.id };
}

const session = 'u1 a1 u2 a2';

describe('HF-HTTP-26: what the list of a stock client says beyond its send', () => {
  it.each<[string, What, string, string, object]>([
    ['u1 a1 u2 a2 u3', 'send', session, 'a message', { message: 'u3' }],
    ['u1', 'send', '', 'the first', { message: 'u1' }],
    ['x u1', 'send', '', 'the first behind a greeting', { message: 'u1' }],
    ['x y u1 a1 u2', 'send', 'u1 a1', 'a greeting of several messages', { message: 'u2' }],
    ['u2 a2 u3', 'send', session, 'a page', { message: 'u3' }],
    ['u1 a1 u3', 'send', 'u1 a1 ~u2 ~a2', 'a page that is behind', { message: 'u3' }],
    ['u1 a1 u2 u3', 'send', 'u1 a1 ~ub u2', 'behind in between', { message: 'u3' }],
    ['u3', 'send', '~u1 ~a1', 'a page that came before all others', { message: 'u3' }],
    ['u1 a1 u2', 'send', session, 'a repetition', {}],
    ['u1 a1 u2!', { edit: 'u2' }, session, 'an edit', { message: 'u2', cut: 'u2' }],
    ['u1!', { edit: 'u1' }, session, 'an edit of the first', { message: 'u1', cut: 'u1' }],
    ['u2!', { edit: 'u2' }, session, 'an edit on a page', { message: 'u2', cut: 'u2' }],
    ['u1 u3!', { edit: 'u3' }, 'u1', 'an edit of what never came', { message: 'u3' }],
    ['u1 a1 u2', 'again', session, 'a reply again', {}],
    ['u1', 'again', session, 'an earlier reply again', {}],
    ['', 'again', 'a1', 'a first reply again', {}],
    ['u1 a1 u2!', 'again', session, 'a changed question', { message: 'u2', cut: 'u2' }],
    ['u1!', 'again', session, 'the first changed', { message: 'u1', cut: 'u1' }],
    ['u1 a1 u9', 'again', session, 'a question under a new id', { message: 'u9', cut: 'u2' }],
    ['u1 u9', 'again', session, 'and without the reply', { message: 'u9', cut: 'a1' }],
    ['u9', 'again', 'u1 a1', 'the only one under a new id', { message: 'u9', cut: 'u1' }],
    ['u1 a1 u9', 'again', 'u1 a1', 'a question that never came', { message: 'u9' }],
    ['u1 a1 u2 a2', { edit: 'a2' }, session, 'a reply that goes on', {}],
    ['x a2', { edit: 'a2' }, session, 'a reply that goes on on a page', {}],
  ])('%s (%o) of %s: %s', (shows, what, has, _, expected) => {
    expect(act(shows, what, standing(has))).toEqual({
      message: undefined,
      cut: undefined,
      ...expected,
    });
  });

  it('a message that waits, or was given to a run, stands in no place', () => {
    const waiting = standing(session, { isElsewhere: (id) => id === 'u7' });
    expect(act('u1 a1 u2 a2 u7 u3', 'send', waiting)).toEqual({ message: 'u3', cut: undefined });
    expect(act('u1 a1 u7 u2 a2 u3', 'send', waiting)).toEqual({ message: 'u3', cut: undefined });
    expect(act('u1 a1 u2 a2 u7', 'again', waiting)).toEqual({});
  });
});

describe('HF-HTTP-25: of a page that is certain to have shown the session', () => {
  it.each<[string, What, string, string, object]>([
    ['u1 a1 u2 a2 u3', 'send', session, 'the whole', { message: 'u3' }],
    ['u1 a1 u3', 'send', session, 'its beginning', { message: 'u3', cut: 'u2' }],
    ['u1 u3', 'send', session, 'its first message', { message: 'u3', cut: 'a1' }],
    ['u3', 'send', session, 'nothing', { message: 'u3', cut: 'u1' }],
    ['u1 a1 u3', 'send', 'u1 a1 ~ux u2', 'all but what came since', { message: 'u3', cut: 'u2' }],
    ['u1 a1 u9', 'again', session, 'another question', { message: 'u9', cut: 'u2' }],
    ['u1 a1 u9', 'again', 'u1 a1 ~ux u2', 'the same behind others', { message: 'u9', cut: 'u2' }],
    ['u9', 'again', session, 'another question alone', { message: 'u9', cut: 'u1' }],
    ['u1 a1 u9', 'again', 'u1 a1', 'a question that never came', { message: 'u9' }],
  ])('%s (%o) of %s keeps %s: what it lacks is cut off', (shows, what, has, _, expected) => {
    expect(act(shows, what, standing(has, { isSure: true }))).toEqual({
      message: undefined,
      cut: undefined,
      ...expected,
    });
  });
});

it('HF-HTTP-26: on a page of a longer session, what it has of that is enough to go on from', () => {
  const page = standing('u2 a2', { isWhole: false });
  expect(act('u2 a2', 'again', page)).toEqual({ message: undefined, cut: undefined });
  expect(act('u2 u9', 'again', page)).toEqual({ message: 'u9', cut: 'a2' });
});

it('a question under a new id takes the place of what came first behind the list, also unseen', () => {
  expect(act('u1 a1 u9', 'again', standing('u1 a1 ~ux u2'))).toEqual({ message: 'u9', cut: 'ux' });
});

it.each([
  ['u1! a1 u2 a2 u3', 'bad_request', undefined],
  ['u1 x a1 u2 a2 u3', 'bad_request', undefined],
  ['u3', 'conflict', 'outdated'],
  ['u1 a1 u3', 'conflict', 'outdated'],
])('a page can tell whether loading the session again helps: %s', (shows, code, reason) => {
  expect(() => act(shows, 'send', standing(session))).toThrow(
    expect.objectContaining(reason === undefined ? { code } : { code, reason }),
  );
});

describe('HF-HTTP-26: what is no change of the session is refused in words', () => {
  it.each<[string, What, string, RegExp]>([
    ['u3', 'send', 'a list that was cleared', /message 1 .*none of the session’s/],
    ['', 'send', 'one that is empty', /the end .*none of the session’s/],
    ['x u3', 'send', 'a greeting in front of one that was cleared', /message 2 .*none of the/],
    ['u1 a1 u3', 'send', 'one that was cut', /message 3 .*missing before it/],
    ['u1 u3', 'send', 'one that was cut behind its first', /message 2 .*missing before it/],
    ['u1 a1 u2 u3', 'send', 'one without the last reply', /message 4 .*missing before it/],
    ['u1 a1', { edit: 'a1' }, 'a reply that goes on, and is not the last', /message 2 .*missing/],
    ['u1 a1 x u3', 'send', 'a reply that nobody wrote', /message 3 .*no such message/],
    ['u1 x a1 u2 a2 u3', 'send', 'one put in between', /message 2 .*no such message/],
    ['u0 u1 a1 u2 a2 u3', 'send', 'one put in front', /message 1 .*no such message/],
    ['u1 a1 u2 a2 x', { edit: 'x' }, 'a reply of nobody’s that goes on', /message 5 .*no such/],
    ['u1! a1 u2 a2 u3', 'send', 'an earlier question changed', /message 1 .*other words/],
    ['u1 a1! u2 a2 u3', 'send', 'an earlier reply changed', /message 2 .*other words/],
    ['u1! a1 u2', 'again', 'the same before a reply again', /message 1 .*other words/],
    ['u1 a1! u2!', { edit: 'u2' }, 'the same before an edit', /message 2 .*other words/],
    ['u2 a2 u1 a1 u3', 'send', 'another order', /message 3 .*another place/],
    ['u1 u2 a2 u3', 'send', 'a reply taken out', /message 2 .*another one before it/],
    ['u1 a2 u3', 'send', 'more taken out', /message 2 .*another one before it/],
    ['u1 u2!', { edit: 'u2' }, 'a reply taken out before an edit', /message 2 .*another one/],
    ['u1 u2!', 'again', 'the same before a changed question', /message 2 .*another one/],
    ['u9', 'again', 'a question of which nobody knows which it replaces', /message 1 .*none of/],
    ['x', 'again', 'an anchor that nobody knows', /message 1 .*none of the session’s/],
    ['', 'again', 'no anchor at all', /the end .*none of the session’s/],
  ])('%s (%o): %s', (shows, what, _, words) => {
    expect(() => act(shows, what, standing(session))).toThrow(words);
  });

  it('a greeting behind the first message of the session is nobody’s', () => {
    expect(() => act('a1 x u3', 'send', standing('a1'))).toThrow(/message 2 .*no such message/);
  });

  it('nothing known is never taken for the wish to keep nothing', () => {
    const end = standing('u2 a2', { isWhole: false });
    for (const shows of ['u9', '', 'x'])
      expect(() => act(shows, 'again', end)).toThrow(/none of the session’s/);
  });
});
