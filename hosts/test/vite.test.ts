// Vite bundles a client's page.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { application } from '../harness/application.ts';
import { filesOf } from '../harness/files.ts';
import { lines, react18 } from '../versions.ts';

test.each([
  ['the newest ai 6', lines['the newest ai 6']],
  ['the newest ai 7', lines['the newest ai 7']],
  ['React 18', react18],
])('Vite builds a page with %s, with nothing of a server in it', async (_, dependencies) => {
  const app = await application(filesOf('vite'), dependencies);
  const output = await app.succeed('vite build');
  expect(output).not.toMatch(/@holdfast|externalized for browser compatibility|not exported/i);

  const folder = join(app.folder, 'dist/assets');
  const sources = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.js'))
      .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  );
  // Booleans: a bundle is half a megabyte in a message of failure.
  for (const [file, source] of sources)
    expect(/ioredis|\bfrom\s*["'`]node:|require\(["'`]node:/.test(source), file).toBe(false);

  const server = await app.serve('vite preview --port $PORT --strictPort');
  const page = await (await fetch(server.url)).text();
  const [, bundle = ''] = /\/assets\/([\w.-]+\.js)/.exec(page) ?? [];
  expect(sources.get(bundle)?.includes('/holdfast'), 'the client').toBe(true);
  await server.stop();
});
