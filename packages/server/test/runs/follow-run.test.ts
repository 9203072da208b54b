import { expect, it, vi } from 'vitest';
import { followRun, type RunNews } from '../../src/runs/follow-run.ts';
import { patient } from '../support/patient.ts';
import { userMessage } from '../support/server.ts';
import { note, session } from '../support/writing.ts';

let nonce = 0;

/** A session that is followed here, and its followers, each with what it was told. */
async function following() {
  const { core, inner } = patient();
  const { hub } = await core.hubs.acquire(session);
  const listen = vi.spyOn(hub, 'listen');
  const unlisten = vi.spyOn(hub, 'unlisten');
  const follow = (run: string) => {
    const told: string[] = [];
    const leave = followRun(hub, run, {
      told: ({ k }: RunNews) => told.push(k),
      unsure: () => told.push('unsure'),
      deleted: () => told.push('deleted'),
    });
    return { told, leave };
  };
  const say = async (k: string, run: string) => {
    const message = userMessage('m', 'm');
    const started = { attempt: 1, agent: 'a', messageId: 'm', command: 'c' };
    const entry = note(++nonce, { k, run, at: 0, ...started, message, by: { id: 'u' } });
    await inner.send(session, { command: `c${nonce}`, entries: [entry] });
  };
  await say('run-start', 'nobody');
  await hub.project(() => {});
  return { hub, inner, listen, unlisten, follow, say };
}

it('followers are told of their run alone, and of nothing else, also two of one run', async () => {
  const { follow, say } = await following();
  const [a, b, also] = [follow('a'), follow('b'), follow('a')];
  for (const k of ['run-start', 'steer', 'step', 'run-end', 'cancel']) await say(k, 'a');
  await say('cancel', 'b');
  await vi.waitFor(() => expect(b.told).toEqual(['cancel']));
  expect(a.told).toEqual(['run-start', 'steer', 'cancel']);
  expect(also.told).toEqual(a.told);
  also.leave();
  await say('cancel', 'a');
  await vi.waitFor(() => expect(a.told).toHaveLength(4));
  expect(also.told).toHaveLength(3);
});

it('a session is listened to once for all of them, until the last one leaves', async () => {
  const { follow, say, listen, unlisten } = await following();
  const [a, b] = [follow('a'), follow('b')];
  expect(listen).toHaveBeenCalledTimes(1);
  a.leave();
  expect(unlisten).not.toHaveBeenCalled();
  await say('cancel', 'a');
  await say('cancel', 'b');
  await vi.waitFor(() => expect(b.told).toEqual(['cancel']));
  expect(a.told).toEqual([]);
  b.leave();
  expect(unlisten).toHaveBeenCalledTimes(1);
  const again = follow('a');
  expect(listen).toHaveBeenCalledTimes(2);
  // Who has left leaves once.
  a.leave();
  await say('cancel', 'a');
  await vi.waitFor(() => expect(again.told).toEqual(['cancel']));
});

it('all are told when a session is deleted, and when something may have come unseen', async () => {
  const { hub, inner, follow } = await following();
  const all = [follow('a'), follow('b'), follow('a')];
  hub.reset('lag');
  await inner.delete(session);
  for (const { told } of all) await vi.waitFor(() => expect(told).toEqual(['unsure', 'deleted']));
});
