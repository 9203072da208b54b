import type { Message } from '@holdfast/protocol';
import type { SessionProjection } from '@holdfast/protocol/projection';
import { expect, it } from 'vitest';
import { withNamedAnswers } from '../../src/http/unnamed-answers.ts';

const said = (id: string, role: string, text: string): Message => ({
  ...{ id, role, parts: [{ type: 'text', text }] },
});
const user = (id: string) => said(id, 'user', id);
const agent = (id: string, text = `said in ${id}`) => said(id, 'assistant', text);
/** An answer under an id that the page has made up. */
const unnamed = (of: string) => agent(`page ${of}`, `said in ${of}`);

const session = (...messages: readonly Message[]) =>
  ({
    items: messages.map((message) => ({ kind: 'message', id: message.id, message })),
  }) as unknown as SessionProjection;

it.each<[string, readonly Message[], readonly Message[], string]>([
  [
    'each that follows on what is shown before it',
    [user('u1'), agent('a1'), user('u2'), agent('a2')],
    [user('u1'), unnamed('a1'), user('u2'), unnamed('a2')],
    'u1 a1 u2 a2',
  ],
  ['a greeting', [agent('a0'), user('u1')], [unnamed('a0'), user('u1')], 'a0 u1'],
  [
    'one behind another',
    [user('u1'), agent('a1'), agent('a2'), agent('a3')],
    [user('u1'), unnamed('a1'), unnamed('a2'), unnamed('a3')],
    'u1 a1 a2 a3',
  ],
  [
    'none with other words, and the one behind those',
    [user('u1'), agent('a1')],
    [user('u1'), unnamed('other'), unnamed('a1')],
    'u1 page other a1',
  ],
  [
    'none that stands elsewhere',
    [user('u1'), agent('a1'), user('u2'), agent('a2')],
    [user('u1'), unnamed('a2'), user('u2'), unnamed('a1')],
    'u1 page a2 u2 page a1',
  ],
  [
    'none that the list has by its name',
    [user('u1'), agent('a1')],
    [user('u1'), unnamed('a1'), agent('a1')],
    'u1 page a1 a1',
  ],
  [
    'none that a person has said',
    [user('u1'), said('u2', 'user', 'said in a1')],
    [user('u1'), unnamed('a1')],
    'u1 page a1',
  ],
  [
    'and no words of a person',
    [user('u1'), agent('a1')],
    [user('u1'), said('u2', 'user', 'said in a1')],
    'u1 u2',
  ],
  ['nothing in an empty session', [], [user('u1'), unnamed('a1')], 'u1 page a1'],
])('HF-HTTP-38: an answer that came as text is %s', async (_, items, page, ids) => {
  const named = await withNamedAnswers(session(...items), page);
  expect(named.map(({ id }) => id).join(' ')).toBe(ids);
  // Its words are the page's.
  expect(named.map(({ parts }) => parts)).toEqual(page.map(({ parts }) => parts));
});
