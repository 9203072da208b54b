// Runs the bundle as far as an engine without anything of Node or of browsers does: `node phone.js <url> <carrier>`.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [, , url, carrier] = process.argv;
const { log } = console;
const code = readFileSync('app.bundle.js', 'utf8');
for (const name of ['process', 'crypto', 'navigator', 'BroadcastChannel', 'localStorage'])
  delete globalThis[name];
// Node's own `fetch` needs its buffers.
new Function('Buffer', code)();

const { asyncOutbox, createChatTransport, nativeEnvironment, useSession } = globalThis.app;
const stored = new Map();
const AsyncStorage = {
  getItem: async (key) => stored.get(key) ?? null,
  setItem: async (key, value) => void stored.set(key, value),
  removeItem: async (key) => void stored.delete(key),
  getAllKeys: async () => [...stored.keys()],
};
const AppState = { currentState: 'active', addEventListener: () => ({ remove() {} }) };
const transport = createChatTransport({
  api: `${url}/api/chat`,
  url: `${url.replace('http', 'ws')}/holdfast`,
  carrier,
  environment: nativeEnvironment({ AppState, Crypto: { randomUUID } }),
  outbox: asyncOutbox(AsyncStorage, { owner: 'ann' }),
});
const stream = await transport.sendMessages({
  trigger: 'submit-message',
  chatId: `chat-${carrier}`,
  messageId: undefined,
  messages: [{ id: `m-${carrier}`, role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  abortSignal: undefined,
});
let text = '';
for await (const chunk of stream) if (chunk.type === 'text-delta') text += chunk.delta;
log(JSON.stringify({ text, carrier: transport.connection.carrier, hook: typeof useSession }));
transport.close();
