import { createMemoryLog } from '@holdfast/log';
import { createEncryptedLog } from '@holdfast/log/encrypted';
import { createRedisLog } from '@holdfast/log/redis';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { systemEnvironment } from '../../src/environment.ts';
import { entriesIn } from '../support/entries-in.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { startServer, userMessage } from '../support/server.ts';

const forged = 'forged';

/** A run that is live, with all that an agent's writer has: its id, its fence, its next number. */
async function liveRun() {
  const log = createMemoryLog();
  const gated = gatedAgent();
  const server = await startOwnServer({ log, agent: gated.agent });
  const { run = '', messageId = '' } = await server.send({
    ...{ id: 's1', command: 'c1', message: userMessage('m1', 'hello') },
  });
  await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
  const chunks = [{ type: 'text-delta', id: 't', delta: forged }];
  const fence = { run, attempt: 1, seq: 1, nonce: 7, messageId, c: chunks, chunks };
  return { log, server, gated, run, fence };
}

const kinds = ['chunks', 'run-start', 'run-end', 'step', 'answer', 'seed', 'message', 'truncate'];

it('S15: who knows a run’s id and fence has no frame that writes into it', async () => {
  const { log, server, gated, run, fence } = await liveRun();
  const before = await entriesIn(log, 's1');
  const types = [
    'append',
    'entry',
    'send',
    'chunks',
    'snap',
    'end',
    'renew',
    'lease',
    'seed',
    'signal',
  ];
  for (const t of [...types, ...kinds]) {
    const client = await server.greet();
    client.send({ t, r: 1, s: 's1', ...fence, d: { k: 'chunks', ...fence }, outcome: 'finished' });
    expect(await client.closed, t).toMatchObject({ code: 4400 });
  }
  const client = await server.greet();
  for (const entry of kinds.map((k) => ({ k, ...fence }))) {
    const more = { ...fence, entry, entries: [entry], d: entry, body: JSON.stringify(entry) };
    client.send({ ...more, t: 'sub', r: 1, s: 's1' });
    client.send({ ...more, t: 'presence', s: 's1', state: 'here' });
    client.send({ ...more, t: 'ack', s: 's1', i: '1-1' });
    client.send({ ...more, t: 'unsub', s: 's1' });
  }
  client.send({ t: 'ping' });
  await client.next('pong');
  expect(await entriesIn(log, 's1')).toEqual(before);
  gated.emit({ type: 'start' });
  gated.end();
  await vi.waitFor(async () =>
    expect((await entriesIn(log, 's1')).at(-1)).toMatchObject({ k: 'run-end', run }),
  );
});

it('S15: who knows a run’s id and fence has no request that writes into it', async () => {
  const { log, server, run, fence } = await liveRun();
  const body = JSON.stringify({ id: 's1', ...fence, outcome: 'finished', k: 'chunks' });
  const verbs = ['append', 'entries', 'chunks', 'run', 'end', 'renew', 'step', 'seed', 'work', run];
  const statuses: number[] = [];
  for (const path of ['', '/s1', ...verbs.flatMap((verb) => [`/s1/${verb}`, `/s1/run/${verb}`])])
    for (const method of ['POST', 'PUT', 'PATCH']) {
      const headers = { 'content-type': 'application/json', authorization: 'Bearer agent' };
      statuses.push((await fetch(`${server.api}${path}`, { method, body, headers })).status);
    }
  expect(statuses.every((status) => status >= 400)).toBe(true);
  const entries = await entriesIn(log, 's1');
  expect(entries.map(({ k }) => k)).toEqual(['message', 'run-start']);
  expect(JSON.stringify(entries)).not.toContain(forged);
});

const bitsOf = (text: string): number => Buffer.from(text, 'base64url').byteLength * 8;

it('S20: ids that the server mints have 128 random bits, and epochs 96', async () => {
  const ids = Array.from({ length: 10_000 }, () => systemEnvironment.id());
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(bitsOf(id)).toBe(128);
  // Each bit is one as often as zero: none of them is fixed.
  const ones = Array.from({ length: 128 }, () => 0);
  for (const id of ids)
    for (const [at, byte] of Buffer.from(id, 'base64url').entries())
      for (let bit = 0; bit < 8; bit++)
        ones[at * 8 + bit] = (ones[at * 8 + bit] ?? 0) + ((byte >> bit) & 1);
  for (const count of ones) expect(Math.abs(count - ids.length / 2)).toBeLessThan(350);

  const redis = createRedisLog({ redis: inject('redisUrl'), prefix: uniquePrefix() });
  const key = crypto.getRandomValues(new Uint8Array(32));
  const logs = [
    redis,
    createMemoryLog(),
    createEncryptedLog(createMemoryLog(), { keys: [{ id: 'k', key }] }),
  ];
  for (const log of logs) {
    onTestFinished(() => log.close());
    const epochs = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const sent = await log.send(`s${at}`, {
          command: 'c',
          entries: [{ nonce: 1, body: '{}' }],
        });
        return 'epoch' in sent ? sent.epoch : '';
      }),
    );
    expect(new Set(epochs).size).toBe(20);
    for (const epoch of epochs) expect(bitsOf(epoch)).toBe(96);
  }
});

it('S20: a session that is not one’s own and one that there is not are the same to who guesses', async () => {
  await using server = await startServer({
    authorize: ({ sessionId }) =>
      sessionId === null || sessionId === 'mine' ? { id: 'ann' } : null,
  });
  await server.holdfast.session('theirs').seed([userMessage('m1', 'hello') as never]);
  const client = await server.greet();
  const answers: unknown[] = [];
  for (const [at, session] of ['theirs', 'nobodys'].entries()) {
    client.send({ t: 'sub', r: at, s: session });
    const { err } = (await client.next('res')) as { err?: unknown };
    const response = await fetch(`${server.api}/${session}`);
    answers.push([err, response.status, await response.text()]);
  }
  expect(answers[0]).toEqual(answers[1]);
});
