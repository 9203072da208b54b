import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it, onTestFinished } from 'vitest';
import { entry, newSession, sendOf } from '../src/conformance/kit.ts';
import { store } from '../src/conformance/messages.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { Keys } from '../src/redis/keys.ts';
import { newPrefix } from './support/redis-under-test.ts';

const admin = new Redis(inject('redisUrl'));
afterAll(() => admin.disconnect());

/** A conversation as people have it: short questions, answers of one to four kilobytes. */
const conversation = Array.from({ length: 200 }, (_, at) => {
  const isUser = at % 2 === 0;
  const text = 'words that say something '.repeat(isUser ? 4 : 40 + ((at * 37) % 120));
  const message = {
    id: crypto.randomUUID(),
    role: isUser ? 'user' : 'assistant',
    parts: isUser
      ? [{ type: 'text', text }]
      : [{ type: 'step-start' }, { type: 'text', text, state: 'done' }],
  };
  return { at, key: message.id, message, body: JSON.stringify({ id: message.id, message }) };
});

it('a finished message takes at most 1.3 times its JSON in Redis', async () => {
  const prefix = newPrefix();
  const keys = new Keys(prefix);
  const log = createRedisLog({ redis: inject('redisUrl'), prefix });
  onTestFinished(() => log.close());
  const session = newSession();
  const { meta, log: stream, items, ids } = keys.of(session);
  const usage = async () => {
    const sizes = [meta, stream, items, ids].map((key) => admin.memory('USAGE', key, 'SAMPLES', 0));
    return (await Promise.all(sizes)).reduce<number>((sum, size) => sum + Number(size ?? 0), 0);
  };
  await log.send(session, sendOf('c0', undefined, { entries: [entry('begin')] }));
  const before = await usage();
  for (const [at, message] of conversation.entries()) {
    const chunks = [entry(message.body), entry(message.body)];
    await log.send(session, sendOf(`c${at + 1}`, undefined, { entries: chunks }));
    const { top } = (await log.head(session)) ?? { top: '0-0' };
    expect(await store(log, session, [message], { trim: top })).toBe('done');
  }
  const json = conversation.reduce((sum, { message }) => sum + JSON.stringify(message).length, 0);
  expect((await usage()) - before).toBeLessThan(1.3 * json);
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it('nothing is held of sessions that nobody is subscribed to any more', async () => {
  const log = createRedisLog({ redis: inject('redisUrl'), prefix: newPrefix() });
  onTestFinished(() => log.close());
  const listen = () => {};
  /** Bytes of this process behind so many sessions that were followed and left, each with a long name. */
  const heldBehind = async (count: number) => {
    for (let left = count; left > 0; left -= 500) {
      const names = Array.from({ length: 500 }, () => crypto.randomUUID().padEnd(128, 'x'));
      const ends = await Promise.all(names.map((name) => log.subscribe(name, listen)));
      for (const end of ends) end();
    }
    // Answered behind all that was left.
    (await log.subscribe('last', listen))();
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await heldBehind(2_000);
  const sessions = 10_000;
  expect((await heldBehind(sessions)) - before).toBeLessThan(100 * sessions);
}, 60_000);
