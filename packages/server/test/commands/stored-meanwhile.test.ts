import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits, type Message } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { startOwnServer } from '../support/own-server.ts';
import type { TestServer } from '../support/server.ts';
import { allPages, echo, say, textOf } from '../support/talk.ts';

const limits = { ...defaultLimits, pageMessages: 2, tailMs: 0, checkpointBytes: 1 };

async function serve(log: SessionLog): Promise<TestServer> {
  return await startOwnServer({ agent: echo, log, limits });
}

it('HF-HTTP-18: an edit of a message that another process has stored meanwhile finds it', async () => {
  const log = createMemoryLog({ limits });
  const one = await serve(log);
  const two = await serve(log);
  for (const text of ['a', 'b', 'c', 'd']) await say(one, 's', text);
  const [question, reply] = await allPages(two, 's');
  for (const text of ['e', 'f']) await say(one, 's', text);
  await allPages(one, 's');
  await say(two, 's', 'g', { after: reply?.id });
  expect((await allPages(two, 's')).map(textOf)).toEqual(
    [question, reply].map((each) => textOf(each as Message)).concat('g', 're: g'),
  );
});
