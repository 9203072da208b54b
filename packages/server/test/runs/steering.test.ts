import type { Message } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import { steerRun } from '../../src/commands/steer.ts';
import { steerAgent } from '../../src/runs/steering.ts';
import { beginRun, patient } from '../support/patient.ts';
import { userMessage } from '../support/server.ts';
import { session } from '../support/writing.ts';

it.each([
  ['between its start and its agent', true],
  ['when its agent is at work', false],
])('HF-RUN-21: a message that comes to a run %s is handed over, once', async (_, isEarly) => {
  const { core, inner } = patient();
  await beginRun(inner, { run: 'r', isSilent: true });
  await core.hubs.use(session, async (hub) => {
    await vi.waitFor(() => expect(hub.position.epoch).not.toBe(''));
    const from = hub.position.id;
    const steer = async () => {
      const message = userMessage('steered', 'Be brief.') as Message;
      await steerRun(core, session, { message, run: 'r' }, { id: 'u' });
      await vi.waitFor(() => expect(hub.position.id).not.toBe(from));
    };
    if (isEarly) await steer();
    const given: string[] = [];
    const errors: unknown[] = [];
    const steered = steerAgent(hub, 'r', from, {
      report: (error) => errors.push(error),
      fill: async (message) => {
        given.push(message.id);
        return message;
      },
      again: (ask) => ask(),
    });
    if (!isEarly) await steer();
    await vi.waitFor(() => expect(given).toEqual(['steered']));
    await steered.look();
    expect(given).toEqual(['steered']);
    expect(errors).toEqual([]);
    steered.stop();
  });
});
