import { expect, it } from 'vitest';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { userMessage } from '../support/server.ts';

const output = { type: 'tool-output-available', toolCallId: 'c', output: 1 };
const message = userMessage('m', 'hi');
const claim = { messageId: 'm', toolCallId: 'c', holder: 'h' };

async function serve(limits = {}) {
  const asked: string[] = [];
  let isAllowed = true;
  const server = await startOwnServer({
    limits,
    authorize: ({ action }) => {
      asked.push(action);
      return isAllowed ? { id: 'ann' } : null;
    },
  });
  const post = async (path: string, body: unknown): Promise<readonly [number, string]> => {
    const response = await postJson(`${server.api}/s/${path}`, body as object);
    return [response.status, await response.text()];
  };
  const refuse = () => {
    isAllowed = false;
  };
  return { server, asked, post, refuse };
}

it.each<[path: string, body: object, words: string]>([
  ['cancel', {}, 'name either `run` or `command`'],
  ['cancel', { run: 'r', command: 'c' }, 'name either `run` or `command`'],
  ['cancel', { run: 7 }, 'name either `run` or `command`'],
  ['stop', { messageId: 7 }, '`messageId` must be a message id'],
  ['stop', { messageId: '' }, '`messageId` must be a message id'],
  ['stop', { assistantMessage: { id: '' } }, '`messageId` must be a message id'],
  ['steer', {}, '`message` is no UI message'],
  ['steer', { message: { ...message, id: '' } }, '`message` is no UI message'],
  ['steer', { message, run: 7 }, '`run` must be a run id'],
  ['queue', { order: 'm' }, '`order` must be a list of ids'],
  ['queue', { remove: ['m', 'm'] }, '`remove` must be a list of ids'],
  ['answer', { answers: [output] }, '`messageId` must be a message id'],
  ['answer', { messageId: 'm' }, '`answers` must be a list of chunks'],
  ['answer', { messageId: 'm', answers: [] }, '`answers` must be a list of chunks'],
  ['answer', { messageId: 'm', answers: [{ id: 'c' }] }, '`answers` must be a list of chunks'],
  ['claim', { ...claim, messageId: undefined }, '`messageId` must be a message id'],
  ['claim', { ...claim, toolCallId: 7 }, '`toolCallId` must be the id of a tool call'],
  ['claim', { ...claim, holder: '' }, '`holder` must be a text of 1 to 256 characters'],
  ['claim', { ...claim, release: 'yes' }, '`release` must be true or false'],
  ['handoff', {}, '`to` must be me or agents'],
  ['handoff', { to: 'you' }, '`to` must be me or agents'],
  ['presence', { state: 'here' }, '`conn` must be that of a `welcome`'],
  ['presence', { conn: 'c', state: 'asleep' }, '`state` must be here, typing or away'],
])('POST /{id}/%s of %j is refused in words: %s', async (path, body, words) => {
  const { post } = await serve();
  const [status, said] = await post(path, body);
  expect(status).toBe(400);
  expect(JSON.parse(said)).toMatchObject({
    error: { code: 'bad_request', message: expect.stringContaining(words) },
  });
});

it.each<[path: string, body: object, status: number]>([
  ['cancel', { run: 'r' }, 403],
  ['cancel', { command: 'c' }, 200],
  ['stop', { messageId: 'm' }, 200],
  ['steer', { message }, 200],
  ['steer', { message, run: 'r' }, 200],
  ['queue', {}, 200],
  ['queue', { order: ['a', 'b'], remove: ['c'] }, 200],
  ['answer', { messageId: 'm', answers: [output] }, 409],
  ['claim', claim, 409],
  ['claim', { ...claim, release: true }, 409],
  ['handoff', { to: 'me' }, 403],
  ['handoff', { to: 'agents' }, 403],
  ['presence', { conn: 'c', state: 'away' }, 204],
])(
  'POST /{id}/%s of %j has the right form, and is answered by the session',
  async (path, body, status) => {
    const { post } = await serve();
    expect((await post(path, body))[0]).toBe(status);
  },
);

it.each([
  ['cancel', 'cancel'],
  ['stop', 'cancel'],
  ['steer', 'steer'],
  ['queue', 'queue'],
  ['answer', 'answer'],
  ['claim', 'answer'],
  ['handoff', 'handoff'],
  ['presence', 'read'],
])(
  'HF-AUTH-1: POST /{id}/%s is done for who may, and its body is not looked at before that',
  async (path, action) => {
    const { post, asked, refuse } = await serve();
    refuse();
    const [status] = await post(path, { surely: 'not right' });
    expect([status, asked]).toEqual([403, [action]]);
  },
);

it('HF-HTTP-37: a page that names no message, or none yet, stops what is live', async () => {
  const { post } = await serve();
  for (const body of [{}, { assistantMessage: 'none' }, { assistantMessage: {} }])
    expect(await post('stop', body)).toEqual([200, '{"state":"finished"}']);
});

it.each(['steer', 'answer'])(
  'HF-QUOTA-1: POST /{id}/%s counts as a send, also where it is refused',
  async (path) => {
    const { post } = await serve({ sendsPerMinute: 2 });
    const statuses: number[] = [];
    for (let times = 0; times < 4; times++) statuses.push((await post(path, {}))[0]);
    expect(statuses[0]).toBe(400);
    expect(statuses.at(-1)).toBe(429);
  },
);

it('HF-QUOTA-1: who is there by a request takes from what one may read', async () => {
  const { post } = await serve({ readsPerMinute: 2 });
  const statuses: number[] = [];
  for (let times = 0; times < 4; times++)
    statuses.push((await post('presence', { conn: 'c', state: 'here' }))[0]);
  expect(statuses[0]).toBe(204);
  expect(statuses.at(-1)).toBe(429);
});
