import { createMemoryLog } from '@holdfast/log';
import { expect, it, vi } from 'vitest';
import { saying } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { allPages, textOf } from '../support/talk.ts';

const session = 's1';

const bodies: Readonly<Record<string, string>> = {
  'no JSON': 'no "JSON',
  nothing: '',
  'a number': '42',
  null: 'null',
  'a list': '[{"k":"message"}]',
  'an object without a kind': '{"message":{}}',
  'a message without one': '{"k":"message","at":0}',
  'an answer without chunks': '{"k":"answer","messageId":"m1","at":0}',
  'chunks that broke off': '{"k":"chunks","run":"r1","attempt":1,"c":[{"type":"text-del',
  'chunks without any': '{"k":"chunks","attempt":1}',
  'a queue without an order': '{"k":"queue","order":7,"at":0}',
  'a start of nothing': '{"k":"run-start","at":0}',
  'a seed in the middle': '{"k":"seed","count":3,"at":0}',
};

async function serve() {
  let nonce = 0;
  const log = createMemoryLog();
  const write = (body: string) =>
    log.send(session, { command: `c${++nonce}`, entries: [{ nonce, body }] });
  const say = (id: string) =>
    write(JSON.stringify({ k: 'message', message: userMessage(id, id), at: 0 }));
  const serving = async () => {
    return await startOwnServer({ log, agent: saying('Hello') });
  };
  return { log, write, say, serving };
}

it.each(Object.entries(bodies))(
  'HF-SUB-11: an entry that is %s is passed over by who joins, who resumes, and the model',
  async (_, body) => {
    const { log, write, say, serving } = await serve();
    await say('m1');
    const head = await log.head(session);
    const pos = `${head?.epoch}:${head?.top}`;
    await write(body);
    await say('m2');
    const server = await serving();

    const joining = await server.greet();
    joining.send({ t: 'sub', r: 1, s: session });
    const { items } = await joining.next('snap');
    expect(items.map(({ id }) => id)).toEqual(['m1', 'm2']);
    const live = await joining.next('live');

    const resuming = await server.greet();
    resuming.send({ t: 'sub', r: 1, s: session, pos });
    expect(await resuming.next('subbed')).toMatchObject({ mode: 'replay', recovered: true });
    expect(await resuming.next('live')).toMatchObject({ i: live.i });
    expect(resuming.entries).toHaveLength(2);
    expect(resuming.entries[1]).toMatchObject({ i: live.i, d: { message: { id: 'm2' } } });

    await server.send({ id: session, message: userMessage('m3', 'm3') });
    const [client] = [joining, resuming];
    await client?.entry('run-end');
    await vi.waitFor(async () =>
      expect((await allPages(server, session)).map(textOf)).toEqual(['m1', 'm2', 'm3', 'Hello']),
    );
    expect(server.errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining('unable to read entry 2-') }),
    ]);
  },
);

it('HF-SUB-11: a seed that was not made by seeding is passed over also at the beginning', async () => {
  const { write, say, serving } = await serve();
  await write('{"k":"seed","count":3,"at":0}');
  await say('m1');
  const server = await serving();
  expect((await allPages(server, session)).map(textOf)).toEqual(['m1']);
});

it('HF-SUB-11: who is live gets each of them in a frame that can be read, but for chunks', async () => {
  const { write, say, serving } = await serve();
  const server = await serving();
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: session });
  await client.next('live');
  const readable = Object.entries(bodies).filter(([name]) => name !== 'chunks that broke off');
  for (const [, body] of readable) await write(body);
  await say('m1');
  await client.entry('message');
  expect(client.entries).toHaveLength(readable.length + 1);
  expect(server.errors.length).toBeGreaterThanOrEqual(readable.length - 1);
});
