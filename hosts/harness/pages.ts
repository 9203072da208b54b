import { filesUnder } from '../../scripts/docs/blocks.mjs';
import { newestAi7, next16, zod } from '../versions.ts';
import { type Application, application, type Files } from './application.ts';
import type { Finished } from './served.ts';

/** What all applications of the pages install, so that they share one install. */
const dependencies = {
  ...next16,
  ...newestAi7,
  ...zod,
  tsx: '4.23.15',
  typescript: '5.9.3',
  vite: '8.4.0',
  '@types/node': '24.19.2',
  '@types/react': '19.3.0',
  '@types/react-dom': '19.3.0',
};

export const gettingStarted = 'docs/getting-started.md';

/** An application of these files, over the install that all of the pages share. */
export const ofFiles = (files: Files): Promise<Application> => application(files, dependencies);

/** An application of files that stand under headings of pages, and of those of a reader's own. */
export const ofPages = (
  headings: readonly (readonly [page: string, heading: string])[],
  own: Files,
): Promise<Application> =>
  ofFiles(Object.assign({}, own, ...headings.map(([page, heading]) => filesUnder(page, heading))));

/** What the model of these applications says, at a pace at which one can be interrupted. */
export const said = Array.from({ length: 40 }, (_, at) => `word${at}`).join(' ');

/** A reader's own `model`, in TypeScript. It tells on the console when it has begun. */
export const model = `
import type { LanguageModel } from 'ai';

async function* parts() {
  yield { type: 'stream-start', warnings: [] };
  yield { type: 'text-start', id: '1' };
  for (const [at, delta] of '${said}'.split(/(?= )/).entries()) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    if (at === 3) console.log('the model has begun');
    yield { type: 'text-delta', id: '1', delta };
  }
  yield { type: 'text-end', id: '1' };
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 40, text: 40, reasoning: 0 },
  };
  yield { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage };
}

export const model = {
  specificationVersion: 'v3',
  provider: 'scripted',
  modelId: 'scripted',
  supportedUrls: {},
  doGenerate: () => Promise.reject(new Error('it only streams')),
  doStream: async () => ({ stream: (ReadableStream as any).from(parts()) }),
} as unknown as LanguageModel;
`;

/** A client as a page in a browser has it: with an origin and a cookie, over HTTP and over the socket. */
export const client = `
import { createChatTransport } from '@holdfast/client';

const [api, url, origin] = process.argv.slice(2);
const headers = { origin, cookie: 'user=ann' };
class PageSocket extends WebSocket {
  constructor(url, protocols) {
    super(url, { protocols, headers });
  }
}
const transport = createChatTransport({ api, url, headers, WebSocket: PageSocket });
const parts = [{ type: 'text', text: 'Hi' }];
const stream = await transport.sendMessages({
  chatId: crypto.randomUUID(),
  trigger: 'submit-message',
  messages: [{ id: crypto.randomUUID(), role: 'user', parts }],
});
let text = '';
for await (const chunk of stream) if (chunk.type === 'text-delta') text += chunk.delta;
console.log(text);
transport.close();
`;

/** Asks once, with the file \`client.mjs\` of the application, and resolves with what came of it. */
export const ask = (
  app: Application,
  { api, url, origin }: { readonly api: string; readonly url: string; readonly origin: string },
): Promise<Finished> => app.run(`node client.mjs ${api} ${url} ${origin}`, { timeoutMs: 60_000 });
