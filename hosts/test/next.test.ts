// Next.js bundles the packages for its server and for browsers, with two bundlers and whatever
// version of `ai` an application has.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Application, application } from '../harness/application.ts';
import { filesOf } from '../harness/files.ts';
import { lines } from '../versions.ts';

const files = filesOf('next');

// The route of each line is started, and bundled twice; that of an older version is the same code.
const cases = [
  { name: 'the oldest ai 6', isStarted: false },
  { name: 'the newest ai 6', isStarted: true },
  { name: 'the oldest ai 7', isStarted: false },
  { name: 'the newest ai 7', isStarted: true },
] as const;

describe.each(cases)('with $name', ({ name, isStarted }) => {
  let app: Application;
  beforeAll(async () => {
    app = await application(files, lines[name]);
  });

  test('Turbopack builds an application, and its route answers', async () => {
    await app.succeed('next build --turbopack');
    if (isStarted) await answers(app);
  });

  if (isStarted)
    test('webpack builds an application, and its route answers', async () => {
      await app.succeed('rm -r .next; next build --webpack');
      await answers(app);
    });
});

/** What the stock client sends, and what it gets. */
async function answers(app: Application): Promise<void> {
  const server = await app.serve('next start --port $PORT');
  const parts = [{ type: 'text', text: 'Does it work?' }];
  const response = await fetch(`${server.url}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: 'chat',
      trigger: 'submit-message',
      messages: [{ id: 'question', role: 'user', parts }],
    }),
  });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  const chunks = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']) => JSON.parse(json));
  const deltas = chunks.filter((chunk) => chunk.type === 'text-delta');
  expect(deltas.map((chunk) => chunk.delta).join('')).toBe('It works here.');

  const page = await (await fetch(server.url)).text();
  expect(page).toMatch(/<button type="submit">Send<\/button>/);
  const { output } = await server.stop();
  expect(output).not.toMatch(/error/i);
}
