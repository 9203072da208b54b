import type { SessionLog } from '@holdfast/log';
import type { QueueEntry, SendRequest } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { enqueue, type Waiting } from '../../src/commands/send/enqueue.ts';
import type { Core } from '../../src/core.ts';
import type { HoldfastOptions } from '../../src/index.ts';
import { turn } from '../support/background.ts';
import { entriesIn } from '../support/entries-in.ts';
import { beginRun, patient } from '../support/patient.ts';
import { userMessage } from '../support/server.ts';
import { session, unavailable } from '../support/writing.ts';

/** A session with a live run, behind which sends wait. */
async function busy(
  options: HoldfastOptions = {},
  through: (log: SessionLog) => Partial<SessionLog> = () => ({}),
) {
  const { core, inner } = patient(through, options);
  await beginRun(inner, { run: 'r' });
  return { core, inner };
}

interface Asked {
  readonly queueing?: Waiting['queueing'];
  readonly text?: string;
  readonly by?: string;
  readonly permit?: Waiting['sender']['permit'];
  readonly more?: Partial<SendRequest>;
}

function wait(
  core: Core,
  id: string,
  { queueing = 'queue', text = id, by = 'u', permit, more = {} }: Asked = {},
) {
  const message = userMessage(id, text);
  const body = { id: session, command: id, trigger: 'submit-message' as const, message, ...more };
  const participant = { id: by };
  const sender = { participant, ...(permit && { permit }) };
  const waiting = { body, queueing, context: { agent: 'a', participant }, sender };
  return core.hubs.use(session, (hub) => enqueue(core, hub, waiting));
}

const queued = { state: 'queued' };
const limit = { code: 'limit' };

it('HF-HTTP-22: a queue has half of an entry, to the byte', async () => {
  const bytesOf = async (text: string) => {
    const { core, inner } = await busy();
    await wait(core, 'a', { text });
    const entry = (await entriesIn(inner, session)).findLast(({ k }) => k === 'queue');
    return Buffer.byteLength(JSON.stringify([[], entry]));
  };
  const text = 'x'.repeat(500);
  const bytes = await bytesOf(text);
  const fits = await busy({ limits: { entryBytes: 2 * bytes } });
  expect(await wait(fits.core, 'a', { text })).toMatchObject(queued);
  const no = await busy({ limits: { entryBytes: 2 * bytes } });
  await expect(wait(no.core, 'a', { text: `${text}x` })).rejects.toMatchObject(limit);
});

it('HF-HTTP-22: so many messages wait as the limits say, in one send or in many', async () => {
  for (const queueing of ['queue', 'merge'] as const) {
    const { core } = await busy({ limits: { queueMessages: 2 } });
    for (const id of ['a', 'b']) expect(await wait(core, id, { queueing })).toMatchObject(queued);
    await expect(wait(core, 'c', { queueing })).rejects.toMatchObject(limit);
  }
});

it('HF-HTTP-22: what its run could not keep does not wait', async () => {
  const { core, inner } = await busy({ limits: { keptBytes: 1_000 } });
  const more = { body: { text: 'x'.repeat(1_000) } };
  await expect(wait(core, 'a', { more })).rejects.toMatchObject({ code: 'too_large' });
  expect((await entriesIn(inner, session)).filter(({ k }) => k === 'queue')).toEqual([]);
});

it('HF-AUTH-2: who takes the place of what others have queued has to be allowed to', async () => {
  const { core } = await busy();
  const asked: string[] = [];
  const permit = async (action: string) => {
    await turn();
    asked.push(action);
  };
  const latest = { queueing: 'latest', permit } as const;
  await wait(core, 'a', latest);
  await wait(core, 'b', latest);
  expect(asked).toEqual([]);
  await wait(core, 'c', { ...latest, by: 'v' });
  expect(asked).toEqual(['queue']);
  const refusing = { ...latest, permit: () => turn().then(() => Promise.reject(new Error('no'))) };
  await expect(wait(core, 'd', refusing)).rejects.toThrow('no');
  await wait(core, 'e', { ...refusing, queueing: 'queue' });
  const waiting = core.hubs.use(session, (hub) =>
    hub.project(({ queue }) => queue.map(({ id }) => id)),
  );
  expect(await waiting).toEqual(['c', 'e']);
});

it('HF-RUN-22: whoever looks after the queue knows of it before it is there', async () => {
  const done: string[] = [];
  const { core, inner } = await busy({}, (log) => ({
    remind: async (...asked) => {
      await turn();
      const reminder = await log.remind(...asked);
      done.push(asked[0]);
      return reminder;
    },
    send: async (id, command) => {
      done.push('send');
      return await log.send(id, command);
    },
  }));
  await wait(core, 'a');
  expect(done).toEqual(['queue', 'send']);
  const entry = (await entriesIn(inner, session)).findLast((each) => each.k === 'queue');
  expect((entry as QueueEntry).add).toMatchObject({ id: 'a', by: { id: 'u' } });
});

it('HF-HTTP-22: a send that another process queues while this one looks is queued once', async () => {
  const other = { isThere: false, queue: async () => {} };
  const { core, inner } = await busy({}, (log) => ({
    command: async (id, command) => {
      if (!other.isThere) {
        other.isThere = true;
        await other.queue();
      }
      return await log.command(id, command);
    },
  }));
  other.queue = async () => {
    expect(await wait(core, 'a')).toMatchObject(queued);
  };
  expect(await wait(core, 'a')).toMatchObject(queued);
  const entries = await entriesIn(inner, session);
  expect(entries.filter(({ k }) => k === 'queue')).toHaveLength(1);
});

it('HF-LOG-44: a repetition of a send that waits is answered when that is durable, and not before', async () => {
  let hasReplica = false;
  const { core, inner } = await busy({}, (log) => ({
    durability: { replicas: 1 },
    send: async (id, command) => {
      const outcome = await log.send(id, command);
      if (!hasReplica) throw unavailable();
      return outcome;
    },
  }));
  for (let at = 0; at < 2; at++)
    await expect(wait(core, 'a')).rejects.toMatchObject({ code: 'unavailable' });
  hasReplica = true;
  for (let at = 0; at < 2; at++) expect(await wait(core, 'a')).toMatchObject(queued);
  const entries = await entriesIn(inner, session);
  expect(entries.filter(({ k }) => k === 'queue')).toHaveLength(1);
});

it('HF-LOG-44: a repetition whose send a failover has taken in between is queued anew', async () => {
  let take = async () => {};
  const { core, inner } = await busy({}, (log) => ({
    durability: { replicas: 1 },
    send: async (id, command) => {
      await take();
      return await log.send(id, command);
    },
  }));
  expect(await wait(core, 'a')).toMatchObject(queued);
  take = async () => {
    take = async () => {};
    await inner.delete(session);
    await beginRun(inner, { run: 'r2' });
  };
  expect(await wait(core, 'a')).toMatchObject(queued);
  const entries = await entriesIn(inner, session);
  expect(entries.filter(({ k }) => k === 'queue')).toHaveLength(1);
});
