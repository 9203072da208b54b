// A chat in a terminal: `node chat.ts`. Kill it at any word: started again, it goes on behind the last one it showed.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createChatTransport } from '@holdfast/client';
import { readUIMessageStream, type UIMessage } from 'ai';

const [, , chatId = 'terminal', api = 'http://localhost:3000/api/chat'] = process.argv;
const transport = createChatTransport({ api, token: 'ann' });

/** Shows what is new of a message, which a file of its own remembers. */
function show({ id, parts }: UIMessage): void {
  const shown = existsSync(`${id}.txt`) ? readFileSync(`${id}.txt`, 'utf8') : '';
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  appendFileSync(`${id}.txt`, text.slice(shown.length));
  process.stdout.write(text.slice(shown.length));
}

type Answer = Awaited<ReturnType<typeof transport.reconnectToStream>>;
async function follow(stream: Answer): Promise<UIMessage[]> {
  if (stream) for await (const message of readUIMessageStream({ stream })) show(message);
  const { messages } = await transport.snapshot(chatId);
  for (const message of messages) if (message.role === 'assistant') show(message);
  return messages;
}

let messages = await follow(await transport.reconnectToStream({ chatId }));
for await (const text of createInterface(process.stdin)) {
  messages.push({ id: crypto.randomUUID(), role: 'user', parts: [{ type: 'text', text }] });
  const ask = { chatId, messages, trigger: 'submit-message', messageId: undefined } as const;
  messages = await follow(await transport.sendMessages({ ...ask, abortSignal: undefined }));
}
transport.close();
