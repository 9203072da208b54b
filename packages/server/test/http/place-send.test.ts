import { createMemoryLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { startEchoServer } from '../support/own-server.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, say, textOf } from '../support/talk.ts';

/** A server that holds few of the messages that another one has written. */
async function serve() {
  const limits = { ...defaultLimits, pageMessages: 2, tailMs: 0, checkpointBytes: 1 };
  const log = createMemoryLog({ limits });
  const before = await startEchoServer({ log, limits });
  for (const text of ['a', 'b', 'c', 'd']) await say(before, 's', text);
  return await startEchoServer({ log, limits });
}

const lines = async (server: TestServer) => (await allPages(server, 's')).map(textOf);
const post = async (server: TestServer, body: object) => {
  const response = await server.post({ id: 's', ...body });
  await response.text();
  return response.status;
};
const again = { trigger: 'regenerate-message' };
const whole = ['a', 're: a', 'b', 're: b', 'c', 're: c', 'd', 're: d'];

it.each([
  ['the first question', 0, ['x', 're: x']],
  ['a question in the middle', 2, ['a', 're: a', 'x', 're: x']],
  ['the last question', 6, [...whole.slice(0, 6), 'x', 're: x']],
])('HF-HTTP-39: %s is edited by its id, however long ago that was', async (_, at, shown) => {
  const server = await serve();
  const messageId = (await allPages(server, 's'))[at]?.id;
  const message = userMessage('u', 'x');
  expect(await post(server, { trigger: 'submit-message', message, messageId })).toBe(200);
  expect(await lines(server)).toEqual(shown);
});

it.each<[string, number | undefined, readonly string[]]>([
  ['the first question', 0, ['a', 're: a']],
  ['the first answer', 1, ['a', 're: a']],
  ['a question in the middle', 4, whole.slice(0, 6)],
  ['an answer in the middle', 3, whole.slice(0, 4)],
  ['whatever came last', undefined, whole],
])(
  'HF-HTTP-39: %s is asked again by its id, and stands itself where it is a question',
  async (_, at, shown) => {
    const server = await serve();
    const messages = await allPages(server, 's');
    const messageId = at === undefined ? undefined : messages[at]?.id;
    expect(await post(server, { ...again, messageId })).toBe(200);
    expect(await lines(server)).toEqual(shown);
    const kept = (await allPages(server, 's')).slice(0, -1);
    expect(kept).toEqual(messages.slice(0, kept.length));
  },
);

it('HF-HTTP-39: nothing is asked again in a session that has nothing', async () => {
  const server = await startEchoServer();
  expect(await post(server, again)).toBe(409);
  expect(await lines(server)).toEqual([]);
});
