import { createMemoryLog } from '@holdfast/log';
import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import { gatedAgent, replying } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { ended, say } from '../support/talk.ts';

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
