import { createPublicKey } from 'node:crypto';
import { cookies, headers } from 'next/headers.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Authorize, asOperator, type HoldfastOptions } from '../../src/index.ts';
import { saying } from '../support/gated-agent.ts';
import { authCookie, getToken, issuer, jwtVerify, verifyToken } from '../support/issued.ts';
import { startOwnServer } from '../support/own-server.ts';
import { blocksOf, executed, type Modules } from '../support/page-blocks.ts';
import { userMessage } from '../support/server.ts';

afterEach(() => vi.unstubAllEnvs());

type Row = Readonly<Record<string, unknown>>;

/** The tables of the page. */
function database(sessions: ReadonlyMap<string, Row> = new Map()) {
  const owners = new Map<unknown, unknown>();
  const sql = async ([query = '']: TemplateStringsArray, ...values: unknown[]): Promise<Row[]> => {
    const [first, second] = values;
    if (query.startsWith('insert into chats')) {
      if (!owners.has(first)) owners.set(first, second);
      return [];
    }
    if (query.startsWith('select owner from chats')) return [{ owner: owners.get(first) }];
    const user = sessions.get(String(first));
    return user ? [user] : [];
  };
  return { sql };
}

/** What a client shows of who it is: a cookie, a token, both or nothing. */
interface Credentials {
  readonly cookie?: string;
  readonly token?: string;
}

interface Recipe {
  readonly section: string;
  readonly modules: Modules;
  readonly alice: Credentials;
  readonly bob: Credentials;
  /** All of them are nobody. */
  readonly nobody: readonly Credentials[];
}

const soon = () => Math.floor(Date.now() / 1_000) + 60;
const past = () => Math.floor(Date.now() / 1_000) - 60;

function cookieSession(): Recipe {
  const sessions = new Map<string, Row>([
    ['a lice', { id: 'alice', is_staff: null }],
    ['b', { id: 'bob', is_staff: false }],
    ['s', { id: 'sue', is_staff: true }],
  ]);
  return {
    section: 'A cookie session',
    modules: { './sql': database(sessions) },
    alice: { cookie: 'theme=dark; session=a%20lice' },
    bob: { cookie: 'session=b; other=1' },
    nobody: [
      {},
      { cookie: 'session=x' },
      { cookie: 'session=%' },
      { cookie: 'xsession=b' },
      { token: 'b' },
    ],
  };
}

function authJs(name: string): Recipe {
  vi.stubEnv('AUTH_SECRET', 'a secret');
  const cookie = (sub: string, secret = 'a secret', exp = soon()) => ({
    cookie: `theme=dark; ${authCookie({ sub, exp }, secret, name)}`,
  });
  return {
    section: 'Auth.js',
    modules: { 'next-auth/jwt': { getToken } },
    alice: cookie('alice'),
    bob: cookie('bob'),
    nobody: [{}, cookie('bob', 'another secret'), cookie('bob', 'a secret', past())],
  };
}

function clerk(): Recipe {
  const { publicKey, issue } = issuer();
  vi.stubEnv('CLERK_JWT_KEY', publicKey);
  vi.stubEnv('APP_ORIGIN', 'https://app.example');
  const azp = 'https://app.example';
  const token = (sub: string, more = {}) => ({ token: issue({ sub, azp, exp: soon(), ...more }) });
  return {
    section: 'Clerk',
    modules: { '@clerk/backend': { verifyToken } },
    alice: token('alice'),
    bob: token('bob'),
    nobody: [
      {},
      { token: 'x' },
      token('bob', { exp: past() }),
      token('bob', { azp: 'https://b.example' }),
      { token: issuer().issue({ sub: 'bob', azp, exp: soon() }) },
    ],
  };
}

function jwtAsBearer(): Recipe {
  const { publicKey, issue } = issuer();
  vi.stubEnv('JWT_PUBLIC_KEY', publicKey);
  vi.stubEnv('JWT_ISSUER', 'https://id.example');
  vi.stubEnv('JWT_AUDIENCE', 'chat');
  const claims = { iss: 'https://id.example', aud: 'chat' };
  const token = (sub: string, more = {}) => ({
    token: issue({ ...claims, sub, exp: soon(), ...more }),
  });
  return {
    section: 'A JWT as Bearer',
    modules: { jose: { jwtVerify }, 'node:crypto': { createPublicKey } },
    alice: token('alice'),
    bob: token('bob'),
    nobody: [
      {},
      { token: 'x.y.z' },
      token('bob', { exp: past() }),
      token('bob', { exp: undefined }),
      token('bob', { aud: 'another' }),
      { token: issuer().issue({ ...claims, sub: 'bob', exp: soon() }) },
    ],
  };
}

/** The page's `lib/holdfast.ts` and `lib/chats.ts` on a recipe's `lib/user.ts`. */
async function optionsOf(recipe: Pick<Recipe, 'section' | 'modules'>): Promise<HoldfastOptions> {
  const files = await blocksOf('authentication.md', recipe.section);
  const file = files.find((block) => block.startsWith('// lib/user.ts')) ?? '';
  const user = await executed(file, recipe.modules);
  const [holdfast = '', chats = ''] = await blocksOf('authentication.md', 'Whose session it is');
  const given: HoldfastOptions[] = [];
  await executed(holdfast, {
    './chats': await executed(chats, { './sql': database() }),
    './user': user,
    '@holdfast/server': {
      asOperator,
      createHoldfast: (options: HoldfastOptions) => given.push(options),
    },
  });
  return given[0] ?? {};
}

async function serve(authorize: Authorize | undefined) {
  const server = await startOwnServer({
    agent: saying('Well.'),
    authorize: authorize as Authorize,
  });
  const headersOf = ({ cookie, token }: Credentials) => ({
    ...(cookie === undefined ? {} : { cookie }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  });
  /** The status of a request to the path. */
  const ask = async (who: Credentials, path: string, body?: object): Promise<number> => {
    const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    const known = { 'content-type': 'application/json', ...headersOf(who) };
    const response = await fetch(`${server.api}${path}`, { ...init, headers: known });
    await response.arrayBuffer();
    return response.status;
  };
  const say = (who: Credentials, id: string) =>
    ask(who, '', { id, command: 'c', trigger: 'submit-message', message: userMessage('m', 'Hi') });
  /** What a browser can do: cookies, and a token in the first frame. Resolves with what came of it. */
  const follow = async ({ cookie, token }: Credentials, id: string): Promise<unknown> => {
    const client = await server.dial({ headers: { ...(cookie === undefined ? {} : { cookie }) } });
    client.send({ t: 'hello', v: 1, ...(token === undefined ? {} : { token }) });
    client.send({ t: 'sub', r: 1, s: id });
    const answered = client.until(({ t }) => t === 'res' || t === 'subbed');
    const frame = await answered.catch(() => null);
    if (!frame) return (await client.closed).code;
    return frame.t === 'res' ? (frame.err as { code: string }).code : 'followed';
  };
  return { server, ask, say, follow };
}

const recipes: readonly (readonly [string, () => Recipe])[] = [
  ['a cookie session', cookieSession],
  ['Auth.js over http', () => authJs('authjs.session-token')],
  ['Auth.js over https', () => authJs('__Secure-authjs.session-token')],
  ['Clerk', clerk],
  ['a JWT as Bearer', jwtAsBearer],
];

describe.each(recipes)('the recipe for %s', (_, make) => {
  it('lets a session be its first visitor’s, over both carriers, and nobody else’s', async () => {
    const recipe = make();
    const { say, ask, follow } = await serve((await optionsOf(recipe)).authorize);
    const { alice, bob, nobody } = recipe;
    // The one begins with a message, the other by being followed.
    expect(await say(alice, 'a')).toBe(200);
    expect(await follow(bob, 'b')).toBe('followed');
    expect([await follow(alice, 'a'), await say(bob, 'b')]).toEqual(['followed', 200]);
    expect([await ask(alice, '/a'), await ask(bob, '/b')]).toEqual([200, 200]);
    expect([await say(bob, 'a'), await ask(bob, '/a')]).toEqual([403, 403]);
    expect([await follow(bob, 'a'), await follow(alice, 'b')]).toEqual(['forbidden', 'forbidden']);
    for (const stranger of nobody) {
      expect([await say(stranger, 'c'), await ask(stranger, '/a')]).toEqual([403, 403]);
      expect(await follow(stranger, 'c')).toBe(4401);
    }
  });
});

it('the page’s function makes an operator of staff, who reads what is another’s', async () => {
  const { authorize } = await optionsOf(cookieSession());
  const { say, ask, follow } = await serve(authorize);
  const [alice, sue] = [{ cookie: 'session=a%20lice' }, { cookie: 'session=s' }];
  expect(await say(alice, 'a')).toBe(200);
  expect(await ask(alice, '/a/handoff', { to: 'me' })).toBe(403);
  expect(await ask(sue, '/a/handoff', { to: 'me' })).toBe(200);
  expect(await follow(sue, 'a')).toBe('followed');
});

describe('HF-AUTH-6: an operator', () => {
  const mayHandOff = async (given: unknown): Promise<boolean> => {
    const { ask, say } = await serve(() => given as { id: string });
    expect(await say({}, 'a')).toBe(200);
    return (await ask({}, '/a/handoff', { to: 'me' })) === 200;
  };
  const id = 'ann';

  it.each<readonly [string, unknown]>([
    ['a role', { id, role: 'operator' }],
    ['a role and more of a row', { id, role: 'operator', name: 'Ann', passwordHash: 'x' }],
    ['what came through JSON', JSON.parse(JSON.stringify(asOperator({ id })))],
    ['what came through a structured clone', structuredClone(asOperator({ id }))],
    ['words of the mark', { id, 'holdfast.operator': true, operator: true }],
    ['the mark with other words', { id, [Symbol('holdfast.operator')]: true }],
    ['the mark of something else', { id, [Symbol.for('holdfast.operator')]: 'yes' }],
  ])('is not made by %s', async (_, given) => {
    expect(await mayHandOff(given)).toBe(false);
  });

  it.each<readonly [string, unknown]>([
    ['asOperator', asOperator({ id })],
    ['asOperator, of a row', asOperator({ id, role: 'user', email: 'ann@app.example' } as never)],
    ['a spread of it', { ...asOperator({ id }), info: { name: 'Ann' } }],
  ])('is made by %s', async (_, given) => {
    expect(await mayHandOff(given)).toBe(true);
  });

  it('is refused to be made of nothing', () => {
    for (const nothing of [null, undefined, 'ann'])
      expect(() => asOperator(nothing as never)).toThrow(/give \{ id \}/);
  });
});

describe('an `authorize` that looks for its request by itself', () => {
  const clerkWords =
    "Clerk: auth() was called but Clerk can't detect usage of clerkMiddleware(). Please ensure the following:";
  const missing = "Cannot find module '/app/node_modules/next/headers' imported from /app/auth.ts";

  it.each<readonly [string, () => unknown]>([
    ['cookies() of Next.js', () => cookies()],
    ['headers() of Next.js', () => headers()],
    [
      'a wrapper of it',
      () => cookies().catch((cause) => Promise.reject(new Error('x', { cause }))),
    ],
    ['auth() of Clerk', () => Promise.reject(new Error(clerkWords))],
    ['an import of it', () => Promise.reject(new Error(missing))],
  ])('is told of the recipes: %s', async (_, look) => {
    const { server, say, follow } = await serve(async () => {
      await look();
      return { id: 'ann' };
    });
    expect(await say({}, 'a')).toBe(500);
    expect(await follow({}, 'a')).toBe(4500);
    expect(server.errors).toHaveLength(2);
    for (const error of server.errors)
      expect(String(error)).toMatch(/unable to (send|connect): .*docs\/authentication\.md/s);
  });

  it('is not told of them for another fault', async () => {
    const { server, say } = await serve(() => Promise.reject(new Error('the database is away')));
    expect(await say({}, 'a')).toBe(500);
    expect(String(server.errors[0])).toMatch(/authorization failed; try again/);
  });
});
