import { type Admitted, type Agent, asOperator, type HoldfastOptions } from '../../src/index.ts';
import { startOwnServer } from './own-server.ts';
import { postJson } from './post.ts';
import type { TestServer } from './server.ts';

const who: Readonly<Record<string, Admitted>> = {
  ann: asOperator({ id: 'ann', info: { name: 'Ann' } }),
  user: { id: 'user' },
};
const authorize = ({ request }: { readonly request: Request }) =>
  who[request.headers.get('x-who') ?? 'user'];

export const text = (said: string): { type: string; text: string } => ({
  type: 'text',
  text: said,
});
export const png = 'data:image/png;base64,iVBORw0KGgo=';
export const image: {
  type: string;
  mediaType: string;
  filename: string;
  url: string;
} = { type: 'file', mediaType: 'image/png', filename: 'a.png', url: png };

export async function serve(
  agent: Agent,
  options: HoldfastOptions = {},
): Promise<{
  server: TestServer;
  id: string;
  post: (
    path: string,
    body: object,
    as?: string,
  ) => Promise<{
    status: number;
    value: string;
  }>;
}> {
  const server = await startOwnServer({
    agent,
    authorize,
    whileBusy: ({ asked = 'parallel' }) => asked,
    ...options,
  });
  const id = `s-${crypto.randomUUID()}`;
  const post = async (path: string, body: object, as = 'user') => {
    const response = await postJson(`${server.api}${path}`, body, { 'x-who': as });
    // The stream of a run that goes on is nobody's to wait for here.
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    const value = isStream ? '' : await response.text();
    if (isStream) await response.body?.cancel();
    return { status: response.status, value };
  };
  return { server, id, post };
}

type Post = Awaited<ReturnType<typeof serve>>['post'];
const own = { trigger: 'submit-message' } as const;
export const inform = (message: object, more: object = {}): object => ({
  command: crypto.randomUUID(),
  ...own,
  message,
  ...more,
});

export const first: {
  id: string;
  role: string;
  parts: {
    type: string;
    text: string;
  }[];
} = { id: 'first', role: 'user', parts: [text('hi')] };

/** Each way by which a message comes in, given a session whose first message is `first`, with a live run. */
export const doors: Readonly<
  Record<string, (post: Post, id: string, message: object) => ReturnType<Post>>
> = {
  send: (post, id, message) => post('', { id, ...inform(message) }),
  stock: (post, id, message) => post('', { id, ...own, messages: [first, message] }),
  queue: (post, id, message) => post('', { id, ...inform(message, { whileBusy: 'queue' }) }),
  merge: (post, id, message) => post('', { id, ...inform(message, { whileBusy: 'merge' }) }),
  'steer or queue': (post, id, message) =>
    post('', { id, ...inform(message, { whileBusy: 'steer' }) }),
  note: (post, id, message) => post('', { id, ...inform(message, { wake: false }) }),
  operator: (post, id, message) => post('', { id, ...inform(message) }, 'ann'),
  'waking operator': (post, id, message) =>
    post('', { id, ...inform(message, { wake: true }) }, 'ann'),
  steer: (post, id, message) => post(`/${id}/steer`, { message }),
  edit: (post, id, message) =>
    post('', { id, ...inform({ ...message, id: 'first' }, { after: null }) }),
};
