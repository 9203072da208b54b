import { expect, it, vi } from 'vitest';
import { gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { costOf, growthOf, linear } from './cost.ts';

/** A session whose live answer has so many parts. */
async function answering(parts: number) {
  const gated = gatedAgent();
  const server = await startOwnServer({ agent: gated.agent, limits: { lingerMs: 60_000 } });
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  const extend = (at: number) => {
    const id = `t${at}`;
    gated.emit(
      { type: 'text-start', id },
      { type: 'text-delta', id, delta: 'some words of an answer' },
      { type: 'text-end', id },
    );
  };
  gated.emit({ type: 'start' });
  for (let at = 0; at < parts; at++) extend(at);
  const get = async () => await (await fetch(`${server.api}/s`)).text();
  await vi.waitFor(async () => expect(await get()).toContain('"state":"done"'));
  await vi.waitFor(() => expect(gated.pending).toBe(0));
  return { server, get, extend, gated };
}

/** The answer grows before each look, or what was folded before would be shown again. */
it('HF-SUB-9: the history of a live answer costs in proportion to its parts', async () => {
  const cost = async (parts: number) => {
    const { get, extend, gated } = await answering(parts);
    let at = parts;
    return await costOf(async () => {
      extend(at++);
      await vi.waitFor(() => expect(gated.pending).toBe(0), { interval: 1 });
      await get();
    }, 5);
  };
  expect(await growthOf(cost, 250, 4_000)).toBeLessThan(linear);
}, 60_000);

it('HF-SUB-9: a snapshot of a live answer costs in proportion to its parts', async () => {
  const cost = async (parts: number) => {
    const { server } = await answering(parts);
    return await costOf(async () => {
      const client = await server.greet();
      client.send({ t: 'sub', r: 1, s: 's' });
      await client.next('live');
      client.terminate();
    }, 5);
  };
  expect(await growthOf(cost, 500, 4_000)).toBeLessThan(linear);
}, 60_000);
