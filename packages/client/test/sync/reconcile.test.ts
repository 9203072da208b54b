import type { UIMessage } from 'ai';
import { expect, test } from 'vitest';
import { type LocalSends, reconcile, type SessionMessages } from '../../src/sync/reconcile.ts';

const text = (words: string): UIMessage['parts'] => [{ type: 'text', text: words }];
const user = (id: string, words = id): UIMessage => ({ id, role: 'user', parts: text(words) });
const reply = (id: string, words = id): UIMessage => ({
  id,
  role: 'assistant',
  parts: words === '' ? [] : text(words),
});
const call = (id: string, state: string, more: object = {}): UIMessage =>
  ({
    id,
    role: 'assistant',
    parts: [{ type: 'tool-ask', toolCallId: 'c', state, input: {}, ...more }],
  }) as unknown as UIMessage;

interface Given {
  readonly local: readonly UIMessage[];
  readonly session: readonly (UIMessage | { readonly id: string; readonly unknown: true })[];
  readonly isWhole?: boolean;
  readonly had?: readonly string[];
  readonly pending?: LocalSends<UIMessage>['pending'];
  readonly unsent?: readonly string[];
  readonly streams?: readonly string[];
}

function shown({
  local,
  session,
  isWhole = true,
  had = [],
  ...given
}: Given): readonly UIMessage[] {
  const view: SessionMessages<UIMessage> = {
    messages: session.map((each) => ({
      id: each.id,
      message: 'unknown' in each ? null : each,
    })),
    isWhole,
    had: (id) => had.includes(id),
  };
  const { pending = [], unsent = [], streams = [] } = given;
  return reconcile(local, view, { pending, unsent: new Set(unsent) }, new Set(streams));
}

const ids = (messages: readonly UIMessage[]): string[] => messages.map(({ id }) => id);

test('the chat shows what the session has, in its order', () => {
  const session = [user('u1'), reply('a1'), user('u2')];
  expect(shown({ local: [], session })).toEqual(session);
  expect(shown({ local: [user('u2'), user('u1')], session })).toEqual(session);
});

test('a list that is right is given back as it is, and equal messages keep their objects', () => {
  const local = [user('u1'), { ...reply('a1'), metadata: undefined }];
  expect(shown({ local, session: [user('u1'), reply('a1')] })).toBe(local);
  const longer = shown({ local, session: [user('u1'), reply('a1'), user('u2')] });
  expect(longer[1]).toBe(local[1]);
});

test('what is older than the session stays in front', () => {
  const local = [reply('greeting'), user('u1'), reply('a1')];
  const session = [user('u1'), reply('a1'), user('u2')];
  expect(ids(shown({ local, session }))).toEqual(['greeting', 'u1', 'a1', 'u2']);
  expect(ids(shown({ local: [reply('greeting')], session }))).toEqual([
    'greeting',
    'u1',
    'a1',
    'u2',
  ]);
});

test('history that the app brought stays before the page that the session tells of', () => {
  const local = [user('u1'), reply('a1'), user('u2'), reply('a2')];
  const session = [user('u2'), reply('a2'), user('u3')];
  const given = { local, session, isWhole: false };
  expect(ids(shown(given))).toEqual(['u1', 'a1', 'u2', 'a2', 'u3']);
});

test('what does not join on to the page that the session tells of goes: there would be a hole', () => {
  const given = { local: [user('u1'), reply('a1')], session: [user('u9')], isWhole: false };
  expect(ids(shown(given))).toEqual(['u9']);
});

test('what was cut off elsewhere goes, wherever it stands', () => {
  const local = [user('u1'), reply('a1'), user('u2'), reply('a2')];
  expect(ids(shown({ local, session: [user('u1'), reply('b1')] }))).toEqual(['u1', 'b1']);
  const had = ids(local);
  expect(ids(shown({ local, session: [user('v1')], had }))).toEqual(['v1']);
});

test('a message that a stream writes is the stream’s, whatever the session has', () => {
  const local = [user('u1'), reply('a1', 'on')];
  const session = [user('u1'), reply('a1', 'one')];
  expect(shown({ local, session, streams: ['a1'] })).toBe(local);
  expect(shown({ local, session })[1]).toEqual(reply('a1', 'one'));
});

test('a stream that has not written yet gets a place when something follows, and none when not', () => {
  const session = [user('u1'), reply('a1', '')];
  const streams = ['a1'];
  expect(ids(shown({ local: [user('u1')], session, streams }))).toEqual(['u1']);
  const followed = shown({ local: [user('u1')], session: [...session, user('u2')], streams });
  // As the SDK begins a message: with a member for metadata.
  const begun = { id: 'a1', metadata: undefined, role: 'assistant', parts: [] };
  expect(followed).toStrictEqual([user('u1'), begun, user('u2')]);
  const waiting = [{ message: user('u3') }];
  expect(ids(shown({ local: [user('u1')], session, streams, pending: waiting }))).toEqual([
    'u1',
    'a1',
    'u3',
  ]);
});

test('an answer that says nothing is not shown', () => {
  const session = [user('u1'), reply('a1', ''), user('u2')];
  expect(ids(shown({ local: [user('u1'), reply('a1', '')], session }))).toEqual(['u1', 'u2']);
});

test('what is not folded yet stays as the chat has it', () => {
  const local = [user('u1'), reply('a1', 'on')];
  const session = [user('u1'), { id: 'a1', unknown: true } as const];
  expect(shown({ local, session })).toBe(local);
  expect(ids(shown({ local: [user('u1')], session }))).toEqual(['u1']);
});

test('a message that is being sent stays at the end, behind what came before it in the log', () => {
  const local = [user('u1'), user('mine')];
  const pending = [{ message: user('mine') }];
  const session = [user('u1'), reply('a1'), user('theirs')];
  expect(ids(shown({ local, session, pending }))).toEqual(['u1', 'a1', 'theirs', 'mine']);
  const logged = [...session, user('mine')];
  expect(ids(shown({ local, session: logged, pending }))).toEqual(['u1', 'a1', 'theirs', 'mine']);
});

test('an edit on its way hides what it cuts off, also what others add there, and nothing comes back', () => {
  const local = [user('u1'), reply('a1'), user('u2', 'other')];
  const session = [user('u1'), reply('a1'), user('u2'), reply('a2'), user('theirs')];
  const pending = [{ message: user('u2', 'other'), after: 'a1' }];
  expect(shown({ local, session, pending })).toBe(local);
});

test('an edit of history that the session did not tell of keeps what is before it', () => {
  const local = [user('u1'), reply('a1'), user('u2', 'other')];
  const session = [user('u8'), reply('a8')];
  const pending = [{ message: user('u2', 'other'), after: 'a1' }];
  expect(shown({ local, session, pending, isWhole: false })).toBe(local);
});

test('an edit of the first message hides all', () => {
  const local = [user('u1', 'other')];
  const pending = [{ message: user('u1', 'other'), after: null }];
  expect(shown({ local, session: [user('u1'), reply('a1')], pending })).toBe(local);
});

test('a reply that is asked for again is hidden until the new one is there', () => {
  const local = [user('u1')];
  const session = [user('u1'), reply('a1')];
  expect(shown({ local, session, pending: [{ after: 'u1' }] })).toBe(local);
});

test('an edit that failed shows what is there', () => {
  const local = [user('u1', 'other')];
  const session = [user('u1'), reply('a1')];
  expect(shown({ local, session })).toEqual(session);
});

test('words whose send failed stay where the user saw them', () => {
  const unsent = ['mine'];
  const failed = { local: [user('u1'), user('mine')], unsent };
  expect(ids(shown({ ...failed, session: [user('u1'), reply('a1')] }))).toEqual([
    'u1',
    'a1',
    'mine',
  ]);
  const again = { local: [user('u1'), user('mine'), user('next')], unsent };
  const session = [user('u1'), user('next'), reply('a1')];
  expect(ids(shown({ ...again, session }))).toEqual(['u1', 'mine', 'next', 'a1']);
});

test('words whose send failed and that the app took away do not come back', () => {
  const given = { local: [user('u1')], session: [user('u1'), reply('a1')], unsent: ['mine'] };
  expect(ids(shown(given))).toEqual(['u1', 'a1']);
});

test.each([
  ['output-available', 'input-available', { output: 1 }],
  ['output-error', 'input-available', { errorText: 'no' }],
  ['approval-responded', 'approval-requested', { approval: { id: 'p', approved: true } }],
])('an answer of the user that is not sent yet stays: %s', (state, open, more) => {
  const local = [call('a1', state, more)];
  const session = [call('a1', open, { title: 'asks' })];
  expect(shown({ local, session })[0]?.parts).toEqual(local[0]?.parts);
});

test('of two answers the one that the log has stands', () => {
  const session = [call('a1', 'output-available', { output: 'theirs' })];
  const local = [call('a1', 'output-available', { output: 'mine' })];
  expect(shown({ local, session })).toEqual(session);
});

test('what the model’s side settled is not taken for an answer of the user', () => {
  const session = [call('a1', 'input-available', { providerExecuted: true })];
  const done = { output: 1, providerExecuted: true };
  expect(shown({ local: [call('a1', 'output-available', done)], session })).toEqual(session);
  const early = { output: 1, preliminary: true };
  const open = [call('a1', 'input-available')];
  expect(shown({ local: [call('a1', 'output-available', early)], session: open })).toEqual(open);
});

test('a message that is there twice is shown once', () => {
  const local = [user('u1'), user('u1')];
  expect(ids(shown({ local, session: [user('u1')] }))).toEqual(['u1']);
});
