import { createMemoryLog } from '@holdfast/log';
import { defaultLimits, type Entry } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import { gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { costOf, growthOf, linear } from './cost.ts';

const limits = { queueMessages: 10_000, entryBytes: 8_388_608, lingerMs: 60_000 };

async function serve(gated = gatedAgent()): Promise<{ server: TestServer; gated: typeof gated }> {
  const server = await startOwnServer({
    agent: gated.agent,
    limits,
    log: createMemoryLog({ limits: { ...defaultLimits, ...limits } }),
  });
  return { server, gated };
}

const post = async (server: TestServer, path: string, body: object): Promise<unknown> => {
  const response = await postJson(`${server.api}/s/${path}`, body);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return await response.json();
};

it('answers to many calls at once cost in proportion to them', async () => {
  const cost = async (count: number) => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round++) {
      const { server, gated } = await serve();
      const { messageId } = await server.send({ id: 's', message: userMessage('m', 'Hi') });
      const ids = Array.from({ length: count }, (_, at) => `c${at}`);
      gated.emit(
        { type: 'start' },
        ...ids.map((toolCallId) => ({
          type: 'tool-input-available' as const,
          toolCallId,
          toolName: 't',
          input: {},
        })),
        { type: 'finish' },
      );
      gated.end();
      await vi.waitFor(
        async () =>
          expect(
            (await (await fetch(`${server.api}/s`)).text()).split('"input-available"'),
          ).toHaveLength(count + 1),
        { timeout: 20_000 },
      );
      const answers = ids.map((toolCallId) => ({
        type: 'tool-output-available',
        toolCallId,
        output: 1,
      }));
      const act = () => post(server, 'answer', { messageId, answers });
      const before = process.cpuUsage();
      await act();
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, user + system);
    }
    return least;
  };
  expect(await growthOf(cost, 250, 4_000)).toBeLessThan(linear);
}, 60_000);

it('a change of the queue costs in proportion to what waits, and to what is asked', async () => {
  const cost = async (count: number) => {
    const { server } = await serve();
    await server.send({ id: 's', message: userMessage('m', 'Hi') });
    const ids = Array.from({ length: 50 }, (_, at) => `q${at}`);
    for (const id of ids)
      await server.post({
        id: 's',
        command: id,
        trigger: 'submit-message',
        message: userMessage(id, id),
        whileBusy: 'queue',
      });
    const strange = Array.from({ length: count }, (_, at) => `x${at}`);
    let turn = 0;
    return await costOf(() => {
      turn++;
      return post(server, 'queue', {
        order: [...strange, ...(turn % 2 ? ids.toReversed() : ids)],
        remove: strange,
      });
    }, 5);
  };
  expect(await growthOf(cost, 230)).toBeLessThan(linear);
}, 60_000);

it('queueing one after another costs in proportion to what waits', async () => {
  const cost = async (count: number) => {
    const { server } = await serve();
    await server.send({ id: 's', message: userMessage('m', 'Hi') });
    for (let at = 0; at < count; at++)
      await server.post({
        id: 's',
        command: `q${at}`,
        trigger: 'submit-message',
        message: userMessage(`q${at}`, 'wait'),
        whileBusy: 'queue',
      });
    let next = count;
    return await costOf(() => {
      const id = `q${next++}`;
      return server.post({
        id: 's',
        command: id,
        trigger: 'submit-message',
        message: userMessage(id, 'wait'),
        whileBusy: 'queue',
      });
    }, 5);
  };
  expect(await growthOf(cost, 40, 3_000)).toBeLessThan(linear);
}, 60_000);

it('steering a run costs in proportion to what it was sent before', async () => {
  const cost = async (count: number) => {
    const { server, gated } = await serve();
    await server.send({ id: 's', message: userMessage('m', 'Hi') });
    gated.emit({ type: 'start' });
    let next = 0;
    const steer = async () => {
      const id = `n${next++}`;
      await post(server, 'steer', { message: userMessage(id, 'faster') });
      gated.emit({ type: 'data-steering', id, data: { parts: [] } } as never);
      await vi.waitFor(() => expect(gated.pending).toBe(0), { interval: 1 });
    };
    for (let at = 0; at < count; at++) await steer();
    return await costOf(steer, 5);
  };
  expect(await growthOf(cost, 50, 3_000)).toBeLessThan(linear);
}, 60_000);

it('HF-LOG-28: a cancel that waits for its command costs the same however many wait', async () => {
  const cost = async (count: number) => {
    const log = createMemoryLog();
    const entry = () => ({
      nonce: 1,
      body: JSON.stringify({ k: 'cancel', run: 'r', at: 0 } satisfies Entry),
    });
    return await costOf(async () => {
      for (let at = 0; at < count; at++)
        await log.cancel('s', { target: { command: `c${at}` }, entry });
    });
  };
  expect(await growthOf(cost, 2_500)).toBeLessThan(linear);
});
