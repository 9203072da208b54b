import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, Program } from './support/program.ts';
import { until } from './support/until.ts';

/** A route and nothing else, in a production build: there `cookies()` reads what Next keeps beside a request. */
const folder = fileURLToPath(new URL('./cookies-app', import.meta.url));
const next = createRequire(import.meta.url).resolve('next/dist/bin/next');

let program: Program;
let api = '';

beforeAll(async () => {
  const { NODE_ENV: _, VITEST: __, ...inherited } = process.env;
  const env = { ...inherited, NEXT_TELEMETRY_DISABLED: '1' } as unknown as NodeJS.ProcessEnv;
  await promisify(execFile)(process.execPath, [next, 'build', folder], { env });
  const port = String(await freePort());
  const args = [next, 'start', folder, '--port', port, '--hostname', '127.0.0.1'];
  program = new Program(args, { NEXT_TELEMETRY_DISABLED: '1' }, /Ready in/);
  await program.start();
  api = `http://127.0.0.1:${port}/api/chat`;
});
afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
});

const ask = (user: string, path: string, body?: object) =>
  fetch(`${api}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', cookie: `user=${user}` },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

const send = (id: string, user: string, text: string) =>
  ask(user, '', {
    id,
    command: text,
    trigger: 'submit-message',
    message: { id: text, role: 'user', parts: [{ type: 'text', text }] },
  });

async function said(id: string): Promise<readonly string[]> {
  const { messages } = (await (await ask('alice', `/${id}`)).json()) as {
    messages: { role: string; parts: { text?: string }[] }[];
  };
  return messages
    .filter(({ role }) => role === 'assistant')
    .map(({ parts }) => parts.map(({ text = '' }) => text).join(''));
}

it('S3, HF-RUN-26: in a production build of Next, nobody’s agent finds another’s cookies', async () => {
  const id = `c-${crypto.randomUUID()}`;
  expect((await send(id, 'alice', 'wait')).status).toBe(200);
  for (const user of ['bob', 'carol'])
    expect(await (await send(id, user, `of ${user}`)).json()).toMatchObject({ state: 'queued' });
  await until(async () => (await said(id)).length === 1, 'answers alice');
  // Whoever stops it makes the next one's turn come.
  await ask('dave', `/${id}/cancel`, { command: 'wait' });
  await until(async () => (await said(id)).length === 3, 'answers all');
  expect(await said(id)).toEqual([
    'alice has the cookies of alice',
    'bob has the cookies of nobody',
    'carol has the cookies of nobody',
  ]);
});
