import { expect, test } from 'vitest';
import { defaultEnvironment } from '../../src/environment.ts';
import { createRoute } from '../../src/http/route.ts';

/** What is asked for below this address, with this query. */
async function askedBelow(
  api: string,
  query?: Readonly<Record<string, string | number | undefined>>,
): Promise<string> {
  const urls: string[] = [];
  const route = createRoute({
    api,
    environment: defaultEnvironment,
    signal: new AbortController().signal,
    files: { settle: async (_, came) => came, lift: async (_, content) => content },
    fetch: async (url) => {
      urls.push(String(url));
      return Response.json({ pieces: 0 });
    },
  });
  await route.repeat('s1/files/f.0', { ...(query && { query }), member: 'pieces' });
  return urls.join();
}

test('what is asked below the route goes in front of the query of `api`, and its own query behind it', async () => {
  const query = { upload: '', bytes: 5, before: undefined };
  expect(await askedBelow('/api/chat', query)).toBe('/api/chat/s1/files/f.0?upload=&bytes=5');
  expect(await askedBelow('/api/chat/?tenant=a', query)).toBe(
    '/api/chat/s1/files/f.0?tenant=a&upload=&bytes=5',
  );
  expect(await askedBelow('/api/chat?tenant=a')).toBe('/api/chat/s1/files/f.0?tenant=a');
});
