import { createMemoryLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import type { CheckpointDraft } from '../../src/session/checkpoint-draft.ts';
import { SessionView } from '../../src/session/view.ts';
import { approval, call, heedless, outputsOf, serve, stateOf } from '../support/dangling.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { say } from '../support/talk.ts';

/** Has the run of a first message stopped that goes on all the same. */
async function stopHeedless(server: TestServer, toolCallId: string): Promise<void> {
  const { run } = await server.send({ id: 's', message: userMessage('m1', 'Do it.') });
  await vi.waitFor(async () => expect(await stateOf(server, toolCallId)).toBeDefined());
  const stopped = await postJson(`${server.api}/s/cancel`, { run });
  expect(stopped.status).toBe(200);
}

it('HF-RUN-7: calls of a run that does not heed its stop are ended before the next prompt', async () => {
  const { agent, api } = heedless(call('c1'), call('c2'), approval('c2'));
  const server = await serve(agent);
  await stopHeedless(server, 'c2');
  await say(server, 's', 'Something else.');
  expect(outputsOf(api)).toHaveLength(2);
  expect(await stateOf(server, 'c1')).toBe('output-error');
  expect(await stateOf(server, 'c2')).toBe('output-denied');
});

it('HF-RUN-7: so are those of a run whose stop was stored with the session', async () => {
  const { agent, api } = heedless(call('c1'));
  const limits = { ...defaultLimits, tailMs: 0 };
  const log = createMemoryLog({ limits });
  const server = await serve(agent, { log, limits });
  await stopHeedless(server, 'c1');
  await server.holdfast.session('s').state();
  const head = await log.head('s');
  const view = new SessionView('s', log, limits);
  await view.readOn();
  const draft = await view.draft();
  expect(
    await log.checkpoint('s', { ...(draft as CheckpointDraft).command, trim: head?.top ?? null }),
  ).toBe('done');
  const other = await serve(agent, { log, limits });
  await say(other, 's', 'Something else.');
  expect(outputsOf(api)).toHaveLength(1);
});
