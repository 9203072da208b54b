import { createMemoryLog } from '@holdfast/log';
import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer, gatedAgent, replying, saying } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { userMessage } from '../support/server.ts';
import { allPages, ended, say } from '../support/talk.ts';

const asking: UIMessageChunk[] = [
  { type: 'start' },
  { type: 'tool-input-available', toolCallId: 'c', toolName: 'pay', input: {} },
  { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c' },
  { type: 'finish' },
];

it('HF-RUN-23: an approval waits no longer because an earlier answer was still being written when it was asked for', async () => {
  let now = 0;
  const log = createMemoryLog({ now: () => now });
  const long = gatedAgent();
  const server = await startOwnServer({
    log,
    agent: { agent: long.agent, payer: replying(...asking) },
    approvalMs: 1_000_000,
  });
  const due = async () => (await log.due('approvals', 9, 0)).map(({ session }) => session);
  const { run } = await server.send({ id: 's', message: userMessage('m1', 'Tell me all.') });
  await vi.waitFor(() => expect(long.calls).toHaveLength(1));
  await say(server, 's', 'Pay.', { to: 'payer' });
  long.end();
  await ended(server, 's', run);
  await vi.waitFor(async () => {
    now += 1_000_000;
    expect(await due()).toEqual(['s']);
  });
});

it.each(['ended by its engine', 'stopped while its engine sleeps'])(
  'HF-RUN-23: one that was asked for beside another run is denied in time, also where that run is %s',
  async (how) => {
    let now = 0;
    const log = createMemoryLog({ now: () => now });
    const server = await startOwnServer({
      log,
      agent: { agent: saying('Hello.'), payer: replying(...asking) },
      approvalMs: 1_000_000,
    });
    const planner = { agent: 'planner', command: 'workflow 1' };
    const session = server.holdfast.session('s');
    const run = await session.adopt(planner, async (adopted) => adopted.run);
    await say(server, 's', 'Pay.', { to: 'payer' });
    if (how.startsWith('ended')) await session.adopt(planner, (adopted) => adopted.end());
    else await postJson(`${server.api}/s/cancel`, { run });
    await vi.waitFor(async () => {
      now += 1_000_000;
      expect((await log.due('approvals', 9, 0)).map(({ session: due }) => due)).toEqual(['s']);
    });
  },
);

it('HF-RUN-23, HF-HTTP-31: one beside a call that waits for a client is denied in time, and the run goes on with the answer to that', async () => {
  let asked = 0;
  const agent: Agent = () => {
    asked += 1;
    const chunks: UIMessageChunk[] =
      asked > 1
        ? answer('Then not.')
        : [
            ...asking.slice(0, 3),
            { type: 'tool-input-available', toolCallId: 'd', toolName: 'locate', input: {} },
            { type: 'finish' },
          ];
    return (async function* () {
      yield* chunks;
    })();
  };
  const server = await startOwnServer({ agent, approvalMs: 20 });
  const { messageId } = await say(server, 's', 'Pay, where I am.');
  const denied = { approved: false, reason: 'Nobody answered in time.' };
  const parts = async () => (await allPages(server, 's')).at(-1)?.parts ?? [];
  await vi.waitFor(
    async () => expect(await parts()).toMatchObject([{ approval: denied }, { toolCallId: 'd' }]),
    { timeout: 20_000 },
  );
  expect([asked, server.errors]).toEqual([1, []]);
  const answers = [{ type: 'tool-output-available', toolCallId: 'd', output: 'here' }];
  const { run } = await server.send({ id: 's', continues: messageId, answers });
  await ended(server, 's', run);
  expect(asked).toBe(2);
}, 60_000);
