// A run with steps, which a message reaches while it works. The agent passes both options that
// the SDK has had for that.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createChatTransport } from '@holdfast/client';
import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import { convertToModelMessages, jsonSchema, streamText, tool } from 'ai';
import { model } from './model.js';

const steer = { id: 'steer', parts: [{ type: 'text', text: 'Only two weeks, please.' }] };
const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

let prompts = 0;
const calling = async () => ({
  stream: ReadableStream.from([
    { type: 'stream-start', warnings: [] },
    { type: 'tool-call', toolCallId: `call-${prompts}`, toolName: 'look', input: '{}' },
    { type: 'finish', finishReason: { unified: 'tool-calls', raw: 'tool_calls' }, usage },
  ]),
});

/** Calls its tool until it is told of the two weeks. */
const stepping = {
  ...model,
  doStream: async (options) => {
    prompts += 1;
    return JSON.stringify(options.prompt).includes('Only two weeks')
      ? model.doStream(options)
      : calling();
  },
};

let outcome;
const holdfast = createHoldfast({ authorize: () => ({ id: 'somebody' }) });
const chat = toNodeHandler(holdfast, {
  agent: async ({ messages, signal, prepareStep, steering, sessionId }) =>
    streamText({
      model: stepping,
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
      prepareStep,
      experimental_steering: steering,
      stopWhen: ({ steps }) => steps.length === 100,
      tools: {
        look: tool({
          description: 'Looks',
          inputSchema: jsonSchema({ type: 'object', properties: {} }),
          execute: async () => {
            outcome ??= transport.steer(sessionId, steer);
            // Its steps are over in moments: the message is on its way until the log has it.
            for (;;) {
              const { runs } = await holdfast.session(sessionId).state();
              if (runs.some((run) => run.steers?.length > 0)) return 'nothing';
              await new Promise((resolve) => setImmediate(resolve));
            }
          },
        }),
      },
    }),
});
const http = createServer(chat);
holdfast.attach(http);
http.listen(0);
await once(http, 'listening');

const transport = createChatTransport({
  api: `http://localhost:${http.address().port}/api/chat`,
});
const chunks = await transport.sendMessages({
  chatId: 'chat',
  trigger: 'submit-message',
  messages: [{ id: 'question', role: 'user', parts: [{ type: 'text', text: 'What happened?' }] }],
});
let streamed = '';
for await (const chunk of chunks) if (chunk.type === 'text-delta') streamed += chunk.delta;
const { state } = await outcome;

transport.close();
http.close();
await holdfast.close();
console.log(JSON.stringify({ streamed, state }));
