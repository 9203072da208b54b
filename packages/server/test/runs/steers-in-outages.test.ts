import { createMemoryLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { call, say, scriptedModel } from '@holdfast/testkit/scripted-model';
import { createGate } from '@holdfast/testkit/scripted-model-gate';
import { convertToModelMessages, stepCountIs, streamText, tool } from 'ai';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Agent } from '../../src/index.ts';
import { bytesOf, dataUrl, filePart } from '../support/files.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { userMessage } from '../support/server.ts';
import { ended } from '../support/talk.ts';

type Options = Parameters<typeof streamText>[0];

const away = () => new HoldfastError('unavailable', 'unable to use the log: it is away');

it.each(['read', 'readPiece'] as const)(
  'HF-RUN-21: a message for a run reaches its model, also where the log is away at that moment: %s',
  async (step) => {
    const gate = createGate();
    const steps = 20;
    const model = scriptedModel({
      script: ({ index }) =>
        index < steps ? [call('look', {}, { id: `c${index}` })] : [say(['Done'])],
    });
    const look = tool({
      inputSchema: z.object({}),
      execute: async (_, { abortSignal }) => {
        await gate.pass(abortSignal);
        return 'seen';
      },
    });
    const agent: Agent = async ({ messages, signal, steering, prepareStep }) =>
      streamText({
        model,
        tools: { look },
        stopWhen: stepCountIs(steps + 1),
        messages: await convertToModelMessages(messages),
        experimental_steering: steering,
        prepareStep,
        abortSignal: signal,
        onError: () => {},
      } as unknown as Options);
    const log = createMemoryLog();
    let refused = 0;
    const failing = changed(log, {
      send: async (id, command) => {
        if (command.entries.some(({ body }) => body.includes('"k":"steer"'))) refused = 2;
        return await log.send(id, command);
      },
      [step]: async (...given: never[]) => {
        if (refused > 0) {
          refused--;
          throw away();
        }
        return await (log[step] as (...of: never[]) => Promise<unknown>)(...given);
      },
    });
    const server = await startOwnServer({ agent, log: failing });
    const sent = await server.send({ id: 's', message: userMessage('m1', 'Go') });
    await gate.arrival();
    const parts = [{ type: 'text', text: 'Be brief.' }, filePart(dataUrl(bytesOf(30_000)))];
    const message = { id: 'steered', role: 'user', parts };
    expect((await postJson(`${server.api}/s/steer`, { message })).status).toBe(200);
    const isHeard = () =>
      model.calls.some(({ options }) => JSON.stringify(options.prompt).includes('Be brief.'));
    await vi.waitFor(() => {
      if (!isHeard()) gate.open();
      expect(isHeard()).toBe(true);
    });
    gate.openForGood();
    await ended(server, 's', sent.run);
    expect(refused).toBe(0);
    expect(server.errors).toEqual([]);
  },
);
