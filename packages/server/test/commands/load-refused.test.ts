import { createMemoryLog } from '@holdfast/log';
import { defaultLimits, HoldfastError } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { forty, sending, serveLoading, user } from '../support/loading.ts';
import { say } from '../support/talk.ts';

const failure = async (response: Response) => {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, ...error };
};
it('HF-LOAD-3: one that fails is told in words, writes nothing, and is asked again', async () => {
  const log = createMemoryLog();
  let fails = true;
  const { server, prompts } = await serveLoading(
    () => {
      if (fails) throw new Error('the database is away');
      return forty;
    },
    { log },
  );
  expect(await failure(await sending(server))).toMatchObject({ status: 503, code: 'unavailable' });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  const { err } = await client.next('res');
  expect(err).toMatchObject({ code: 'unavailable', retryMs: 1_000 });
  expect(err?.message).not.toMatch(/database/);
  await expect(server.holdfast.session('s').state()).rejects.toMatchObject({ code: 'unavailable' });
  expect(await log.head('s')).toBeNull();
  expect(String((server.errors[0] as Error).cause)).toMatch(/the database is away/);
  fails = false;
  client.send({ t: 'sub', r: 2, s: 's' });
  await client.next('snap');
  await say(server, 's', 'Hello');
  expect(prompts[0]).toHaveLength(41);
});

it('HF-LOAD-3: an error of ours that it throws reaches who asked as it is', async () => {
  const log = createMemoryLog();
  const { server } = await serveLoading(
    () => {
      throw new HoldfastError('forbidden', 'unable to open: this chat is another team’s');
    },
    { log },
  );
  const refused = { code: 'forbidden', message: 'unable to open: this chat is another team’s' };
  expect(await failure(await sending(server))).toMatchObject({ status: 403, ...refused });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  expect((await client.next('res')).err).toMatchObject(refused);
  expect(await log.head('s')).toBeNull();
});

it('HF-LOAD-3: one that hangs is given up', async () => {
  const log = createMemoryLog();
  const { server } = await serveLoading(() => new Promise<never>(() => {}), {
    log,
    limits: { loadMs: 20 },
  });
  expect((await sending(server)).status).toBe(503);
  expect(String((server.errors[0] as Error).cause)).toMatch(/longer than `limits.loadMs`/);
  expect(await log.head('s')).toBeNull();
});

it.each([
  ['a role that no message has', [{ ...user('u'), role: 'operator' }], /valid UIMessages/],
  ['a part that is none', [{ ...user('u'), parts: [{ type: 'nope' }] }], /valid UIMessages/],
  ['something else', ['Hello'], /valid UIMessages/],
  ['an id twice', [user('u'), user('u')], /same id/],
  ['an id that no message has', [user('u\n')], /ids/],
  ['nothing', undefined, /no list of messages/],
  ['rows of another form', { rows: [] }, /no list of messages/],
])('HF-LOAD-3: %s is refused aloud, and nothing is written', async (_, given, words) => {
  const log = createMemoryLog();
  const { server } = await serveLoading(() => given as never, { log });
  expect(await failure(await sending(server))).toMatchObject({ status: 500, code: 'internal' });
  expect(String(server.errors[0])).toMatch(words);
  expect((await fetch(`${server.api}/s`)).status).toBe(500);
  expect(await log.head('s')).toBeNull();
});

it.each([
  ['10,001 messages', Array.from({ length: 10_001 }, (_, at) => user(`u${at}`)), {}],
  ['more than a session holds', forty, { sessionBytes: 500 }],
])('HF-LOAD-3: %s are refused in words, and nothing is written', async (_, given, limits) => {
  const log = createMemoryLog({ limits: { ...defaultLimits, ...limits } });
  const { server } = await serveLoading(() => given, { log, limits });
  const refused = await failure(await sending(server));
  expect(refused).toMatchObject({ status: 507, code: 'full' });
  expect(refused.message).toMatch(/this chat: it is too long/);
  expect(String(server.errors[0])).toMatch(/give the newest only/);
  expect(await log.head('s')).toBeNull();
});

it('HF-LOAD-4: a session that begins so counts for who asked', async () => {
  const { server } = await serveLoading(() => forty, { limits: { sessionsPerHour: 1 } });
  expect((await fetch(`${server.api}/s1`)).status).toBe(200);
  expect((await fetch(`${server.api}/s2`)).status).toBe(429);
  await server.holdfast.session('s3').state();
  expect((await sending(server)).status).toBe(429);
});
