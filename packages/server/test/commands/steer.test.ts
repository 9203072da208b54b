import type { RunInfo, SteerResponse } from '@holdfast/protocol';
import { call, scriptedModel, say as speak, wait } from '@holdfast/testkit/scripted-model';
import { createGate } from '@holdfast/testkit/scripted-model-gate';
import { convertToModelMessages, stepCountIs, streamText, tool } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Agent } from '../../src/index.ts';
import { bytesOf, dataUrl, filePart } from '../support/files.ts';
import { eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, ended, join, textOf } from '../support/talk.ts';

type Options = Parameters<typeof streamText>[0];

const post = async (server: TestServer, id: string, body: object): Promise<Response> =>
  await postJson(`${server.api}/${id}/steer`, body);

const steer = async (server: TestServer, id: string, text: string, more: object = {}) =>
  (await (
    await post(server, id, { message: userMessage(text, text), ...more })
  ).json()) as SteerResponse;

const runsOf = async (server: TestServer, id: string): Promise<readonly RunInfo[]> =>
  ((await (await fetch(`${server.api}/${id}`)).json()) as { runs: readonly RunInfo[] }).runs;

describe.each(eachStore())('a message for a run that is under way, in %s', (_, log) => {
  /** Calls a tool that lasts until the gate opens, once for each of `steps`, and then answers. */
  async function serve(steps = 1) {
    const gate = createGate();
    const model = scriptedModel({
      script: ({ index }) =>
        index < steps ? [call('look', {}, { id: `c${index}` })] : [speak(['Do', 'ne'])],
    });
    const look = tool({
      inputSchema: z.object({}),
      execute: async (__, { abortSignal }) => {
        await gate.pass(abortSignal);
        return 'seen';
      },
    });
    const agent: Agent = async ({ messages, signal, steering, prepareStep }) =>
      streamText({
        model,
        tools: { look },
        stopWhen: stepCountIs(10),
        messages: await convertToModelMessages(messages),
        experimental_steering: steering,
        prepareStep,
        abortSignal: signal,
        onError: () => {},
      } as unknown as Options);
    const shared = log();
    const start = async () => {
      return await startOwnServer({ agent, log: shared });
    };
    const id = `s-${crypto.randomUUID()}`;
    const one = await start();
    const two = await start();
    const sent = await one.send({ id, message: userMessage('m1', 'Go') });
    await gate.arrival();
    const prompts = () => model.calls.map(({ options }) => JSON.stringify(options.prompt));
    return { one, two, id, gate, sent, prompts };
  }

  it('HF-FILE-12: brings its files to the model, and is no heavier to join for it', async () => {
    const { one, two, id, gate, sent, prompts } = await serve(8);
    const photo = bytesOf(30_000);
    const parts = [{ type: 'text', text: 'See.' }, filePart(dataUrl(photo))];
    expect((await post(two, id, { message: { id: 'p', role: 'user', parts } })).status).toBe(200);
    // Step by step: it is read from the store first.
    await vi.waitFor(async () => {
      gate.open();
      expect((await runsOf(one, id)).at(-1)?.steers).toMatchObject([{ state: 'consumed' }]);
    });
    gate.openForGood();
    await ended(one, id, sent.run);
    expect(prompts().at(-1)?.includes(Buffer.from(photo).toString('base64'))).toBe(true);
    expect(JSON.stringify(await join(one, id)).length).toBeLessThan(10_000);
    const [, answer] = (await one.holdfast.session(id).messages()).messages;
    expect(JSON.stringify(answer).includes(dataUrl(photo))).toBe(true);
  });

  it('HF-RUN-21: reaches the model at its next step, from another server, and is shown in its place', async () => {
    const { one, two, id, gate, sent, prompts } = await serve(2);
    expect(await steer(two, id, 'Be brief.')).toEqual({ run: sent.run, state: 'waiting' });
    expect((await runsOf(two, id)).at(-1)?.steers).toMatchObject([
      { id: 'Be brief.', state: 'waiting', by: { id: 'user-1', role: 'user' } },
    ]);
    await vi.waitFor(async () => {
      expect((await runsOf(one, id)).at(-1)?.steers).toHaveLength(1);
    });
    gate.openForGood();
    await ended(two, id, sent.run);
    const given = prompts();
    expect(given).toHaveLength(3);
    expect(given[0]).not.toContain('Be brief.');
    // Once in every prompt from then on, behind the first tool's result and in front of the second call.
    for (const prompt of given.slice(1)) expect(prompt.split('Be brief.')).toHaveLength(2);
    expect(given[2]?.indexOf('Be brief.')).toBeGreaterThan(given[2]?.indexOf('c0') ?? 0);
    expect(given[2]?.indexOf('Be brief.')).toBeLessThan(given[2]?.indexOf('c1') ?? 0);
    const message = (await allPages(two, id)).at(-1);
    const kinds = message?.parts.map((part) => (part as { type: string }).type);
    expect(kinds?.filter((kind) => /steering/.test(kind))).toHaveLength(1);
    expect(kinds?.findIndex((kind) => /steering/.test(kind))).toBeGreaterThan(
      kinds?.indexOf('tool-look') ?? 0,
    );
    expect((await runsOf(one, id)).at(-1)?.steers).toMatchObject([{ state: 'consumed' }]);
  });

  /** A send that is to be a message of its own where no run takes it. */
  const sendOrSteer = async (server: TestServer, id: string, text: string) =>
    (await (
      await server.post({
        id,
        command: text,
        trigger: 'submit-message',
        message: userMessage(text, text),
        whileBusy: 'steer',
      })
    ).json()) as { state: string; run?: string };

  const queueOf = async (server: TestServer, id: string) =>
    ((await (await fetch(`${server.api}/${id}`)).json()) as { queue: { id: string }[] }).queue;

  it('HF-HTTP-24: a send with `steer` reaches the live run, and then waits no longer', async () => {
    const { one, two, id, gate, sent, prompts } = await serve();
    const both = await Promise.all([
      sendOrSteer(one, id, 'Be brief.'),
      sendOrSteer(two, id, 'Be brief.'),
    ]);
    expect(both.map(({ state }) => state)).toEqual(['queued', 'queued']);
    expect(await queueOf(two, id)).toMatchObject([{ id: 'Be brief.', run: sent.run }]);
    expect((await runsOf(one, id)).at(-1)?.steers).toMatchObject([{ state: 'waiting' }]);
    gate.openForGood();
    await ended(two, id, sent.run);
    expect(prompts().at(-1)).toContain('Be brief.');
    expect(await queueOf(one, id)).toEqual([]);
    // Repeated late, it is neither asked nor told again.
    expect(await sendOrSteer(two, id, 'Be brief.')).toMatchObject({ state: 'queued' });
    expect(await queueOf(one, id)).toEqual([]);
    expect((await allPages(one, id)).map(textOf).filter(Boolean)).toEqual(['Go', 'Done']);
  });

  it('HF-HTTP-24: what the run did not get to is asked as a message of its own, before others', async () => {
    const { one, two, id, gate, sent, prompts } = await serve();
    await two.post({
      id,
      command: 'later',
      trigger: 'submit-message',
      message: userMessage('later', 'later'),
      whileBusy: 'queue',
    });
    await sendOrSteer(two, id, 'Be brief.');
    await sendOrSteer(one, id, 'And kind.');
    expect((await queueOf(one, id)).map((each) => each.id)).toEqual([
      'Be brief.',
      'And kind.',
      'later',
    ]);
    await postJson(`${two.api}/${id}/cancel`, { run: sent.run });
    gate.openForGood();
    await vi.waitFor(async () => {
      const told = (await allPages(two, id)).filter(({ role }) => role === 'user').map(textOf);
      expect(told).toEqual(['Go', 'Be brief.', 'And kind.', 'later']);
    });
    await vi.waitFor(async () => expect(await queueOf(one, id)).toEqual([]));
    // The stopped run's steers stay what they were: the model of that run never saw them.
    for (const text of ['Be brief.', 'And kind.'])
      expect(prompts().filter((prompt) => prompt.split(text).length > 2)).toEqual([]);
  });

  it('HF-HTTP-24: without a run that is live it starts one', async () => {
    const { one, id, gate, sent } = await serve();
    gate.openForGood();
    await ended(one, id, sent.run);
    expect(await sendOrSteer(one, id, 'Again')).toMatchObject({ run: expect.any(String) });
  });

  it('HF-RUN-21: is delivered once, however often and from wherever it is sent', async () => {
    const { one, two, id, gate, sent, prompts } = await serve();
    const states = await Promise.all(
      Array.from({ length: 10 }, (__, at) => steer(at % 2 ? one : two, id, 'Be brief.')),
    );
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['waiting']));
    gate.openForGood();
    await ended(one, id, sent.run);
    expect(prompts().at(-1)?.split('Be brief.')).toHaveLength(2);
    expect(await steer(two, id, 'Be brief.')).toEqual({ run: sent.run, state: 'consumed' });
  });

  it('HF-RUN-21: that comes after the end changes nothing, and says so', async () => {
    const { one, two, id, gate, sent } = await serve();
    gate.openForGood();
    await ended(one, id, sent.run);
    const before = await allPages(two, id);
    expect(await steer(two, id, 'Too late.')).toEqual({ state: 'ended' });
    expect(await steer(two, id, 'Too late.', { run: sent.run })).toEqual({ state: 'ended' });
    expect(await steer(two, `${id}-other`, 'Nobody.')).toEqual({ state: 'ended' });
    expect(await allPages(two, id)).toEqual(before);
  });

  it('HF-RUN-21: that the run does not get to is told to be unconsumed', async () => {
    const { one, two, id, sent } = await serve();
    await steer(two, id, 'Never read.');
    await postJson(`${one.api}/${id}/cancel`, { run: sent.run });
    await ended(two, id, sent.run);
    for (const server of [one, two])
      expect((await runsOf(server, id)).at(-1)).toMatchObject({
        state: 'stopped',
        steers: [{ id: 'Never read.', state: 'unconsumed' }],
      });
    expect((await allPages(two, id)).map(textOf).join()).not.toContain('Never read.');
  });

  it('HF-RUN-21: is told to those who join, as long as it waits', async () => {
    const { one, two, id, gate, sent } = await serve();
    await steer(one, id, 'Be brief.');
    const client = await two.greet();
    client.send({ t: 'sub', r: 1, s: id });
    const snap = await client.next('snap');
    expect(snap.runs).toMatchObject([{ run: sent.run, steers: [{ state: 'waiting' }] }]);
    gate.openForGood();
  });

  it('is refused when it is no user message, is another one under the same id, or one too many', async () => {
    const { two, id } = await serve();
    const error = async (body: object) =>
      ((await (await post(two, id, body)).json()) as { error: { code: string } }).error.code;
    expect(await error({})).toBe('bad_request');
    expect(await error({ message: { id: 'a', role: 'assistant', parts: [] } })).toBe('bad_request');
    expect(await error({ message: userMessage('a', 'a'), run: 1 })).toBe('bad_request');
    for (let at = 0; at < 20; at++)
      expect(await steer(two, id, `steer ${at}`)).toMatchObject({ state: 'waiting' });
    expect(await error({ message: userMessage('x', 'x') })).toBe('limit');
  });

  it('HF-RUN-21: that comes in the last step is unconsumed: no step is left to read it', async () => {
    const gate = createGate();
    const model = scriptedModel({ script: [speak('One '), wait(gate), speak('two')] });
    const agent: Agent = async ({ messages, signal, steering, prepareStep }) =>
      streamText({
        model,
        messages: await convertToModelMessages(messages),
        experimental_steering: steering,
        prepareStep,
        abortSignal: signal,
      } as unknown as Options);
    const server = await startOwnServer({ agent, log: log() });
    const id = `s-${crypto.randomUUID()}`;
    const sent = await server.send({ id, message: userMessage('m1', 'Go') });
    await gate.arrival();
    await steer(server, id, 'In the last step.');
    gate.openForGood();
    await ended(server, id, sent.run);
    expect((await runsOf(server, id)).at(-1)).toMatchObject({
      state: 'finished',
      steers: [{ state: 'unconsumed' }],
    });
  });
});
