// `npm create holdfast`, from packed archives: one command, and an app that runs.
import { mkdtempSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { environment } from '../harness/environment.ts';
import { startGroup } from '../harness/group.ts';
import { servedWhereItSays } from '../harness/served.ts';
import { within } from '../harness/within.ts';
import { newestAi7, next16, zod } from '../versions.ts';

const { folder, registry, creator } = inject('shared');
const parent = mkdtempSync(join(folder, 'created-'));
const env = {
  npm_config_registry: registry,
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
};

/** What `npm create holdfast` runs, once npm has the package. */
const create = `npm exec --yes --package=${creator} -- create-holdfast`;

/** What `next dev` says. */
const prints = /Local: +(http:\/\/localhost:\d+)/;

/** Somebody else listens there for the rest of the test, whoever that is. */
async function take(port: number): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => {
    server.on('error', () => resolve()).listen(port, resolve);
  });
}

/** The text of an answer up to these words, behind which it is left. */
async function beginning(response: Response, words: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.includes(words)) return text;
  }
  throw new Error(`an answer of status ${response.status} ended without these words: ${text}`);
}

test('one command makes an app that answers, keeps what it said, and tells visitors apart, also where 3000 is taken', async () => {
  const command = `${create} my-chat --archives ${dirname(creator)}`;
  await take(3000);
  const server = await servedWhereItSays(command, {
    prints,
    timeoutMs: 240_000,
    start: () => startGroup(command, parent, environment(parent, env)),
  });
  expect(server.url).not.toBe('http://localhost:3000');
  const api = `${server.url}/api/chat`;
  const chat = crypto.randomUUID();
  const page = (headers: Record<string, string> = {}) =>
    fetch(`${server.url}/chat/${chat}`, { headers });
  const visit = async () => (await page()).headers.get('set-cookie')?.split(';')[0] ?? '';

  const first = await page();
  expect([first.status, await first.text()], server.output()).toEqual([
    200,
    expect.stringContaining('Send</button>'),
  ]);
  const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect(cookie).toMatch(/^visitor=[\w-]{36}$/);

  const headers = { cookie, 'content-type': 'application/json', origin: server.url };
  const message = { id: crypto.randomUUID(), role: 'user', parts: [{ type: 'text', text: 'Hi' }] };
  const body = JSON.stringify({ id: chat, messages: [message], trigger: 'submit-message' });
  const answer = await fetch(api, { method: 'POST', headers, body });
  // It is slow on purpose, and goes on without whoever asked.
  expect(await beginning(answer, 'lib/model')).toContain('OPENAI_API_KEY');
  expect(await (await page({ cookie })).text()).toContain('OPENAI_API_KEY');

  // Somebody else sees neither the page nor the session.
  const other = await visit();
  expect(other).not.toBe(cookie);
  expect((await page({ cookie: other })).status).toBe(404);
  expect((await fetch(`${api}/${chat}`, { headers: { cookie: other } })).status).toBe(403);

  // What can be no id of a chat has no page, and whoever asks for it comes to own nothing by it.
  const none = await fetch(`${server.url}/chat/not%20an%20id`, { headers: { cookie } });
  expect(none.status, server.output()).toBe(404);

  // The socket of instrumentation.ts takes the same visitor, where it was made to be and the page looks for it.
  const gateway = /sockets on port (\d+)$/m.exec(server.output())?.[1];
  expect(server.output()).toContain(`holdfast: sockets on port ${gateway}`);
  const settings = await readFile(join(parent, 'my-chat/.env.development'), 'utf8');
  expect(settings).toContain(`NEXT_PUBLIC_HOLDFAST_URL=http://localhost:${gateway}/holdfast`);
  const options = { protocols: ['holdfast.v1'], headers: { cookie, origin: server.url } };
  const socket = new WebSocket(`ws://localhost:${gateway}/holdfast`, options as never);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error(server.output())));
  });
  socket.close();

  expect(server.output()).toMatch(
    /Made my-chat, [^\n]*\n[\s\S]*▸ npm install\n[\s\S]*▸ npm run dev\n/,
  );
  expect(server.output()).not.toMatch(/\bwarning\b|error/i);
  expect((await server.stop('SIGINT')).code).toBeLessThan(137);

  // Another program has the sockets' port by the time of the next start: which, and what to do, is said.
  await take(Number(gateway));
  const again = startGroup(
    'npm run dev',
    join(parent, 'my-chat'),
    environment(join(parent, 'my-chat'), env),
  );
  const said = `port ${gateway} is taken; end what listens there, or give another port`;
  await vi.waitFor(() => expect(again.output()).toContain(said), { timeout: 60_000 });
  await again.kill();

  const { dependencies } = JSON.parse(await readFile(join(parent, 'my-chat/package.json'), 'utf8'));
  expect(dependencies).toMatchObject({ ...next16, ...newestAi7, ...zod });

  // With what `next dev` has written of its routes. Builds of the page's app are in getting-started-next.test.ts.
  const checked = startGroup(
    'node_modules/.bin/tsc --noEmit',
    join(parent, 'my-chat'),
    environment(parent, env),
  );
  expect([await within(180_000, checked.ended), checked.output()]).toEqual([0, '']);
  // An install and a first compilation, one behind the other.
}, 600_000);
