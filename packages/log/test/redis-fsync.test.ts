import { asked } from '@holdfast/testkit/redis-replicas';
import { expect, it, vi } from 'vitest';
import { bodiesOf, entry, newSession, sendOf, startRun } from '../src/conformance/kit.ts';
import { patient, unavailable } from './support/outages.ts';
import { durableAt, hasWaitAof, serverOf } from './support/replicated.ts';

it('HF-LOG-44: Redis killed while writers write has all that was acknowledged as fsync', async () => {
  const server = await serverOf({ appendfsync: 'always' });
  const log = durableAt(server.url, 'fsync');
  await log.ready();
  const session = newSession();
  const runs = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8'];
  for (const run of runs) await log.send(session, sendOf(run, run, { entries: [entry(run)] }));
  const acknowledged = new Map(runs.map((run) => [run, 0]));
  const writers = runs.map(async (run) => {
    for (let seq = 1; ; seq++) {
      const written = entry(`${run} ${seq}`);
      await log.append(session, { run, attempt: 1, seq, entry: written });
      acknowledged.set(run, seq);
    }
  });
  const ended = Promise.allSettled(writers);
  await vi.waitFor(() => expect(Math.min(...acknowledged.values())).toBeGreaterThan(50), patient);
  await server.kill();
  for (const { status, reason } of (await ended) as PromiseRejectedResult[])
    expect([status, reason]).toEqual(['rejected', expect.objectContaining(unavailable)]);
  await server.start();
  const bodies = await bodiesOf(durableAt(server.url), session);
  for (const [run, last] of acknowledged)
    expect(bodies.filter((body) => body.startsWith(`${run} `)).length).toBeGreaterThanOrEqual(last);
}, 60_000);

it('HF-LOG-45: without an append-only file, fsync is refused by `ready` and by each write, with words', async () => {
  const server = await serverOf();
  const log = durableAt(server.url, 'fsync');
  const words = {
    ...unavailable,
    message: expect.stringMatching(/has no append-only file; set appendonly to yes/),
  };
  await expect(log.ready()).rejects.toMatchObject(words);
  const session = newSession();
  await expect(log.send(session, sendOf('c1', 'r1'))).rejects.toMatchObject(words);
  expect(await log.head(session)).toBeNull();
});

it('HF-LOG-45: a server that syncs every second proves each write by WAITAOF, or is refused where it has none', async () => {
  const server = await serverOf({ appendfsync: 'everysec' });
  const log = durableAt(server.url, 'fsync');
  if (await hasWaitAof(server)) {
    await log.ready();
    const { session, append } = await startRun(log);
    expect(await append(1)).toMatchObject({ kind: 'appended' });
    expect(await bodiesOf(log, session)).toHaveLength(3);
  } else {
    const refusal = log.ready();
    await expect(refusal).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringMatching(
        /has no WAITAOF, and its appendfsync is everysec; set that to always, or use Redis 7\.2/,
      ),
    });
    // It may be set while the log is in use: then it is taken.
    await asked(server, ['CONFIG', 'SET', 'appendfsync', 'always']);
    await expect(log.ready()).resolves.toBeUndefined();
  }
});

it('HF-LOG-45: a server that leaves it to its system when it syncs is refused by `ready`', async () => {
  const server = await serverOf({ appendfsync: 'no' });
  await expect(durableAt(server.url, 'fsync').ready()).rejects.toMatchObject({
    ...unavailable,
    message: expect.stringMatching(
      /was not on disk within 1500 ms; look at the disk|has no WAITAOF, and its appendfsync is no;/,
    ),
  });
});

it('HF-LOG-45: a user that may ask for neither is told what to do', async () => {
  const server = await serverOf({ appendfsync: 'always' });
  const rules = ['~*', '&*', '+@all', '-waitaof', '-config'];
  const known = (await hasWaitAof(server)) ? rules : rules.filter((rule) => rule !== '-waitaof');
  await asked(server, ['ACL', 'SETUSER', 'poor', 'on', '>word', ...known]);
  const log = durableAt(server.url.replace('redis://', 'redis://poor:word@'), 'fsync');
  await expect(log.ready()).rejects.toThrow(
    /NOPERM.*docs\/deploy\.md lists|does not tell whether appendfsync is always; use Redis 7\.2/,
  );
});

it('HF-LOG-45: a server that came back another one is looked at again', async () => {
  const server = await serverOf({ appendfsync: 'always' });
  const log = durableAt(server.url, 'fsync');
  const { append } = await startRun(log);
  expect(await append(1)).toMatchObject({ kind: 'appended' });
  await asked(server, ['CONFIG', 'SET', 'appendonly', 'no']);
  await asked(server, ['CLIENT', 'KILL', 'TYPE', 'normal']);
  await vi.waitFor(
    () => expect(append(2)).rejects.toThrow(/has no append-only file|appendonly is disabled/),
    patient,
  );
});
