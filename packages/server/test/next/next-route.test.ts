import { expect, it, onTestFinished, vi } from 'vitest';
import { createHoldfast } from '../../src/index.ts';
import { saying } from '../support/gated-agent.ts';
import { userMessage } from '../support/server.ts';

type Given = Record<string, string | string[]> | undefined;

/** The handlers of a route, and what the process was warned of; each with a memory of its own. */
async function route() {
  Reflect.deleteProperty(globalThis, Symbol.for('holdfast.server.told.1'));
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { toRouteHandlers } = await import('../../src/next/index.ts');
  const holdfast = createHoldfast({
    prefix: crypto.randomUUID(),
    authorize: () => ({ id: 'u' }),
    onError: () => {},
  });
  onTestFinished(() => holdfast.close());
  const { POST, GET } = toRouteHandlers(holdfast, saying('Hello'));
  const post = (url: string, params: Given) => {
    const body = JSON.stringify({
      id: 's1',
      command: crypto.randomUUID(),
      trigger: 'submit-message',
      message: userMessage(crypto.randomUUID(), 'Hi'),
    });
    const headers = { 'content-type': 'application/json' };
    const request = new Request(`http://x${url}`, { method: 'POST', headers, body });
    return POST(request, contextOf(params));
  };
  const get = (url: string, params: Given) => GET(new Request(`http://x${url}`), contextOf(params));
  return { post, get, warned: () => warn.mock.calls.map(([, options]) => options) };
}

/** Next gives a route without parameters none, and no promise of none. */
const contextOf = (params: Given) => ({ params: params && Promise.resolve(params) }) as never;

it.each<[string, string, Given]>([
  ['app/api/chat/route.ts', '/api/chat', undefined],
  ['app/api/chat/[id]/route.ts', '/api/chat/s1', { id: 's1' }],
])(
  'HF-HTTP-11: a route at %s takes sends, and the server is told once how to mend it',
  async (_, url, params) => {
    const { post, warned } = await route();
    for (let at = 0; at < 2; at++) expect((await post(url, params)).status).toBe(200);
    expect(warned()).toEqual([{ code: 'HOLDFAST_ROUTE' }]);
  },
);

it.each<[string, string, Given, Given]>([
  ['app/api/chat/[[...path]]/route.ts', '/api/chat', {}, { path: ['s1'] }],
  [
    'app/[locale]/api/chat/[[...rest]]/route.ts',
    '/en/api/chat',
    { locale: 'en' },
    { locale: 'en', rest: ['s1'] },
  ],
])('a route at %s is told of nothing', async (_, url, bare, named) => {
  const { post, get, warned } = await route();
  expect((await post(url, bare)).status).toBe(200);
  expect((await get(`${url}/s1`, named)).status).toBe(200);
  expect(warned()).toEqual([]);
});
