// The transports of the SDK that is installed, and ours under the name of the SDK's, in a talk of two turns each.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { DefaultChatTransport } from '@holdfast/client/ai';
import { createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import * as ai from 'ai';
import { model } from './model.js';

// Node has had a WebSocket since 22.
const { WebSocket } = createRequire(fileURLToPath(import.meta.resolve('@holdfast/server')))('ws');

const holdfast = createHoldfast({ authorize: () => ({ id: 'somebody' }) });
const agent = async ({ messages, signal }) =>
  ai.streamText({
    model,
    messages: await ai.convertToModelMessages(messages),
    abortSignal: signal,
  });

const servers = [];
async function serve(options) {
  const http = createServer(toNodeHandler(holdfast, { agent, ...options }));
  holdfast.attach(http);
  http.listen(0);
  await once(http, 'listening');
  servers.push(http);
  return `http://localhost:${http.address().port}`;
}
const origin = await serve({});
const api = `${origin}/api/chat`;
const words = await serve({ stream: 'text' });

const transports = {
  DefaultChatTransport: new ai.DefaultChatTransport({ api }),
  TextStreamChatTransport: new ai.TextStreamChatTransport({ api: `${words}/api/chat` }),
  // Not in every version.
  ...(ai.WebSocketChatTransport && {
    WebSocketChatTransport: new ai.WebSocketChatTransport({
      url: `${origin}/holdfast`.replace('http', 'ws'),
      webSocket: WebSocket,
    }),
  }),
  'ours, by sockets': new DefaultChatTransport({ api, WebSocket, carrier: 'socket' }),
  'ours, over HTTP': new DefaultChatTransport({ api, carrier: 'http' }),
};

async function talk(name, transport) {
  const messages = [];
  for (const text of ['One?', 'Two?']) {
    messages.push({ id: `${name} ${text}`, role: 'user', parts: [{ type: 'text', text }] });
    const stream = await transport.sendMessages({
      chatId: name.replaceAll(/\W/g, '-'),
      trigger: 'submit-message',
      messageId: undefined,
      messages: structuredClone(messages),
      abortSignal: undefined,
    });
    let answer;
    for await (const state of ai.readUIMessageStream({ stream, terminateOnError: true }))
      answer = state;
    messages.push({ ...answer, id: answer.id || `${name} answer to ${text}` });
  }
  transport.close?.();
  return messages.map(({ role, parts }) => [
    role,
    parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
  ]);
}

const told = {};
for (const [name, transport] of Object.entries(transports))
  told[name] = await talk(name, transport);
for (const http of servers) http.close();
await holdfast.close();
console.log(JSON.stringify(told));
