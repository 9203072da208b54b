import { createMemoryLog } from '@holdfast/log';
import { type Chunk, defaultLimits, type Message } from '@holdfast/protocol';
import type { UIMessage, UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foldMessage } from '../../src/session/fold-message.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, ended, join } from '../support/talk.ts';

const acts = fc.array(
  fc.record({
    do: fc.constantFrom(
      'call' as const,
      'call' as const,
      'text' as const,
      'step' as const,
      'settle' as const,
      'answer' as const,
      'answer' as const,
    ),
    n: fc.nat(3),
  }),
  { minLength: 4, maxLength: 14, size: 'max' },
);

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

const file = (n: number): Chunk => ({ type: 'file', url: `data:,${n}`, mediaType: 'text/plain' });

/** The chunks of a stream as stock clients read it. */
const chunksIn = (sse: string): Chunk[] =>
  [...sse.matchAll(/^data: (\{.*\})$/gm)].map(([, text]) => JSON.parse(text ?? '') as Chunk);

const lastId = async (server: TestServer, id: string): Promise<string> =>
  (await join(server, id)).items.at(-1)?.id ?? '';

it('HF-ENT-4: streams, snapshots, pages and prompts have one order of a message, with answers in the midst of a run', async () => {
  const limits = { ...defaultLimits, tailMs: 0 };
  const gated = gatedAgent();
  const server = await startOwnServer({
    agent: gated.agent,
    clientTools: ['ask'],
    log: createMemoryLog({ limits }),
    limits,
  });
  await fc.assert(
    fc.asyncProperty(acts, fc.nat(), fc.boolean(), async (plan, at, isStored) => {
      const id = crypto.randomUUID();
      const first = gated.calls.length;
      const streamed = server.post({
        id,
        trigger: 'submit-message',
        messages: [userMessage('u1', 'go')],
      });
      const written: Chunk[] = [];
      const seen = async () =>
        (await join(server, id)).items.flatMap((item) =>
          'segments' in item ? item.segments.flatMap(({ chunks }) => chunks) : [],
        );
      const write = async (...chunks: Chunk[]) => {
        written.push(...chunks);
        gated.emit(...(chunks as UIMessageChunk[]));
        await expect.poll(async () => (await seen()).length, { interval: 3 }).toBe(written.length);
      };
      await write({ type: 'start' }, { type: 'start-step' }, file(0));
      const sending = (await streamed).text();
      let resumed: Promise<string> | undefined;
      const calls: string[] = [];
      for (const [place, { do: what, n }] of plan.entries()) {
        if (place === at % plan.length) {
          if (isStored) await server.holdfast.session(id).state();
          resumed = (await fetch(`${server.api}/${id}/stream`)).text();
        }
        const toolCallId = calls[n % Math.max(1, calls.length)];
        if (what === 'call') {
          calls.push(`c${place}`);
          await write({
            type: 'tool-input-available',
            toolCallId: `c${place}`,
            toolName: 'ask',
            input: n,
          });
        } else if (what === 'text') await write(file(place));
        else if (what === 'step')
          await write({ type: 'finish-step' }, { type: 'start-step' }, file(place));
        else if (what === 'settle' && toolCallId !== undefined)
          await write({ type: 'tool-output-available', toolCallId, output: `run ${place}` });
        else if (what === 'answer' && toolCallId !== undefined) {
          const answer = { type: 'tool-output-available', toolCallId, output: `client ${place}` };
          const response = await postJson(`${server.api}/${id}/answer`, {
            messageId: await lastId(server, id),
            answers: [answer],
          });
          const { answers } = (await response.json()) as { answers: Chunk[] };
          // The first answer stands.
          if (answers[0]?.output === answer.output) written.push(answer);
        }
      }
      const messageId = await lastId(server, id);
      const live = await foldMessage(messageId, await seen());
      const expected = json(
        await foldMessage(messageId, [
          { ...(written[0] as Chunk), messageId },
          ...written.slice(1),
        ]),
      );
      expect(json(live)).toEqual(expected);
      gated.end();
      for (const sse of [await sending, await resumed])
        if (sse !== undefined)
          expect(json(await foldMessage(messageId, chunksIn(sse)))).toEqual(expected);
      expect((await allPages(server, id)).at(-1)).toEqual(expected);

      const next = await server.send({ id, message: userMessage('u2', 'on') });
      gated.end();
      await ended(server, id, next.run);
      const prompt = gated.calls[first + 1]?.messages as unknown as Message[];
      const open = (message: unknown) =>
        (message as UIMessage).parts.some(
          (part) => 'state' in part && part.state === 'input-available',
        );
      // Calls that nobody answered are ended before it.
      if (!open(expected)) expect(json(prompt[1])).toEqual(expected);
      expect(json(prompt.slice(0, 2))).toEqual((await allPages(server, id)).slice(0, 2));
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 120_000);
