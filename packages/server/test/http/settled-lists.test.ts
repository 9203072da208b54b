import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { handList } from '../support/hand-list.ts';
import { startOwnServer } from '../support/own-server.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, textOf } from '../support/talk.ts';

// Each answer is stored as a whole as soon as the next question is answered.
const limits = {
  ...defaultLimits,
  pageMessages: 2,
  tailMs: 0,
  checkpointBytes: 1,
  textWindowBytes: 1,
};

const shown = async (server: TestServer) => (await allPages(server, 's')).map(textOf);

/** Says something to the first question, and ends badly; answers all others. */
const failingFirst =
  (words: readonly string[]): Agent =>
  ({ messages }) =>
    (async function* () {
      if (messages.length > 1) return yield* answer('Well.');
      yield { type: 'start' };
      yield { type: 'text-start', id: 't' };
      for (const delta of words) yield { type: 'text-delta', id: 't', delta };
      throw new Error('no');
    })();

/** The list of a page that goes on without the answer that ended badly, one question further each time. */
async function questionsOn(servers: readonly TestServer[]): Promise<number[]> {
  const [first] = servers as [TestServer];
  const u1 = userMessage('u1', 'one');
  await handList(first, [u1]);
  const statuses: number[] = [];
  let list: unknown[] = [u1];
  for (const [at, id] of ['u2', 'u3', 'u4', 'u5', 'u6'].entries()) {
    const server = servers[at % servers.length] as TestServer;
    const { status } = await handList(server, [...list, userMessage(id, id)]);
    statuses.push(status);
    const [, , ...rest] = await allPages(server, 's');
    list = [u1, ...rest];
  }
  return statuses;
}

const startOn = (log: SessionLog, words: readonly string[]) =>
  startOwnServer({ log, limits, agent: failingFirst(words) });

// The second one is kept as pieces, never as one text again.
const answers: readonly (readonly [string, readonly string[]])[] = [
  ['short', ['ha']],
  ['long', Array.from({ length: 6 }, (_, at) => `${at} `.repeat(30_000))],
];

describe.each(answers)('HF-HTTP-26: no list lacks a %s answer that ended badly', (_, words) => {
  it('however long ago it was', async () => {
    const server = await startOn(createMemoryLog({ limits }), words);
    expect(await questionsOn([server])).toEqual([200, 200, 200, 200, 200]);
    expect((await shown(server)).slice(0, 3)).toEqual(['one', words.join(''), 'u2']);
  });

  it('nor for processes that know it from the log only', async () => {
    const log = createMemoryLog({ limits });
    const servers = [await startOn(log, words), await startOn(log, words)];
    expect(await questionsOn(servers)).toEqual([200, 200, 200, 200, 200]);
    // One that comes later reaches back to it.
    const late = await startOn(log, words);
    const [u1, , ...rest] = await allPages(late, 's');
    const { status } = await handList(late, [u1, ...rest, userMessage('u7', 'u7')]);
    expect(status).toBe(200);
  });
});
