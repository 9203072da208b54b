import { createMemoryLog } from '@holdfast/log';
import { expect, it } from 'vitest';
import { gatedAgent } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startServer, userMessage } from '../support/server.ts';

it('HF-HTTP-13: a send that others come in front of again and again is to be repeated, and then waits', async () => {
  const inner = createMemoryLog();
  let isContended = false;
  const log = changed(inner, {
    send: async (session, command) =>
      isContended ? { kind: 'refused', why: 'stale' } : await inner.send(session, command),
  });
  const { agent } = gatedAgent();
  await using server = await startServer({ log, agent, whileBusy: 'queue' });
  await server.send({ id: 's1', message: userMessage('m1', 'first') });
  const queue = () =>
    server.post({
      id: 's1',
      command: 'm2',
      trigger: 'submit-message',
      message: userMessage('m2', 'second'),
    });
  isContended = true;
  const refused = await queue();
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    error: { code: 'unavailable', retryMs: expect.any(Number) },
  });
  isContended = false;
  expect(await (await queue()).json()).toMatchObject({ state: 'queued' });
});
