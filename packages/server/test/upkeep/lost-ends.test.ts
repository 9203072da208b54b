import type { SessionLog } from '@holdfast/log';
import type { Limits } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import { LosingLog } from '../support/failover.ts';
import { type GatedAgent, gatedAgent } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';

const session = 's1';

const words = (text: string): UIMessageChunk[] =>
  [...text].map((delta) => ({ type: 'text-delta', id: 't', delta }));

const endsOf = (losing: LosingLog) =>
  losing.entries(session).flatMap(({ entry }) => (entry?.k === 'run-end' ? [entry.outcome] : []));

/** An answer that is under way: the log has its first words. */
async function answering(server: TestServer, losing: LosingLog, gated: GatedAgent) {
  const { messageId } = await server.send({ id: session, message: userMessage('m1', 'hello') });
  gated.emit({ type: 'start' }, { type: 'text-start', id: 't' }, ...words('half'));
  await vi.waitFor(async () =>
    expect(await losing.shownAt(session)).toContain(`${messageId}: half`),
  );
  return messageId;
}

async function finished(losing: LosingLog, gated: GatedAgent): Promise<void> {
  gated.emit(...words(' and half'), { type: 'text-end', id: 't' }, { type: 'finish' });
  gated.end();
  await vi.waitFor(() => expect(endsOf(losing)).toEqual(['finished']));
}

/** A server on a log that can lose its end; `looks` is how the log answers what is written once it is watched. */
async function serve(
  limits: Partial<Limits>,
  more: (losing: LosingLog) => Partial<SessionLog> = () => ({}),
) {
  const losing = new LosingLog();
  const gated = gatedAgent();
  const looks: string[] = [];
  let isWatched = false;
  const log = changed(losing.log, {
    append: async (id, command) => {
      const outcome = await losing.log.append(id, command);
      if (isWatched) looks.push(outcome.kind);
      return outcome;
    },
    ...more(losing),
  });
  const server = await startOwnServer({ log, agent: gated.agent, limits });
  const watch = () => {
    isWatched = true;
  };
  return { losing, gated, looks, server, watch };
}

it.each([
  ['its end and its last words', 'words'],
  ['only its end', 'end'],
])(
  'HF-RUN-11, F7: an answer that was shown as finished is finished again behind a failover that lost %s',
  async (_, what) => {
    let [back, appends] = [() => {}, 0];
    const { losing, gated, server } = await serve({ pollMs: 20 }, (losing) => ({
      append: (id, command) => {
        appends += 1;
        if (what === 'end' && command.end) back = losing.replica(session);
        return losing.log.append(id, command);
      },
    }));
    const messageId = await answering(server, losing, gated);
    if (what === 'words') back = losing.replica(session);
    const client = await server.greet();
    client.send({ t: 'sub', r: 1, s: session });
    await client.next('live');
    await finished(losing, gated);
    const before = appends;
    back();
    expect(endsOf(losing)).toEqual([]);
    await client.next('reset');
    await vi.waitFor(() => expect(endsOf(losing)).toEqual(['finished']));
    expect(await losing.shownAt(session)).toContain(`${messageId}: half and half`);
    expect(appends).toBeGreaterThan(before);
    expect(server.errors).toEqual([]);
  },
);

it('HF-RUN-11: where nobody follows, it is written again when a lease is over', async () => {
  const { losing, gated, server } = await serve({ leaseMs: 300 });
  await answering(server, losing, gated);
  const back = losing.replica(session);
  await finished(losing, gated);
  back();
  await vi.waitFor(() => expect(endsOf(losing)).toEqual(['finished']), { timeout: 20_000 });
});

it('HF-RUN-11: a stopped answer stays stopped', async () => {
  const { losing, gated, server } = await serve({ pollMs: 20, leaseMs: 600 });
  await answering(server, losing, gated);
  const back = losing.replica(session);
  const command = losing
    .entries(session)
    .flatMap(({ entry }) => (entry?.k === 'run-start' ? [entry.run] : []))[0];
  await postJson(`${server.api}/${session}/cancel`, { run: command });
  await vi.waitFor(() => expect(endsOf(losing)).toEqual(['stopped']), { timeout: 20_000 });
  back();
  await vi.waitFor(() => expect(endsOf(losing)).toEqual(['stopped']), { timeout: 20_000 });
});

it('HF-RUN-11: one of which the failover lost the start too is left alone', async () => {
  const { losing, gated, looks, server, watch } = await serve({ leaseMs: 200 });
  const note = {
    nonce: 1,
    body: JSON.stringify({ k: 'message', message: userMessage('m0', 'm0'), at: 0 }),
  };
  await losing.log.send(session, { command: 'c0', entries: [note] });
  const back = losing.replica(session);
  await answering(server, losing, gated);
  await finished(losing, gated);
  watch();
  back();
  await vi.waitFor(() => expect(looks).toEqual(['unknown']), { timeout: 20_000 });
  expect(losing.entries(session)).toHaveLength(1);
});

it('HF-RUN-11: where nothing was lost, it is asked once, and nothing changes', async () => {
  const { losing, gated, looks, server, watch } = await serve({ leaseMs: 200 });
  await answering(server, losing, gated);
  await finished(losing, gated);
  watch();
  const before = losing.entries(session).length;
  await vi.waitFor(() => expect(looks).toEqual(['duplicate']), { timeout: 20_000 });
  expect(losing.entries(session)).toHaveLength(before);
});
