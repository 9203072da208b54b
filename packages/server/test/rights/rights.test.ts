import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import type {} from '@holdfast/testkit/redis-global-setup';
import type { UIMessageChunk } from 'ai';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  type Agent,
  type Authorize,
  asOperator,
  type HoldfastOptions,
  type SessionAction,
} from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { changed, uniquePrefix } from '../support/logs.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';
import { ended } from '../support/talk.ts';

const every: readonly SessionAction[] = [
  'read',
  'send',
  'edit',
  'answer',
  'steer',
  'queue',
  'cancel',
  'handoff',
  'delete',
];

/** What each of them may do in the session, which is alice's. */
const granted: Readonly<Record<string, readonly SessionAction[]>> = {
  alice: every,
  bob: ['read'],
  olga: ['read', 'send', 'answer', 'handoff', 'cancel'],
  ann: ['read', 'answer'],
  rex: [],
};

const agent: Agent = ({ messages, signal }) =>
  (async function* (): AsyncGenerator<UIMessageChunk> {
    const asked = messages.at(-1)?.parts.map((part) => ('text' in part ? part.text : '')) ?? [];
    if (asked[0] === 'call') {
      yield { type: 'start' };
      yield { type: 'tool-input-available', toolCallId: 'c', toolName: 'ask', input: {} };
      return;
    }
    yield* answer('Hello').slice(0, 5);
    if (asked[0] === 'wait' && !signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  })();

/** Says whose request it is by a header, and by the token on sockets. */
const whoOf = ({ request, token }: Parameters<Authorize>[0]): string =>
  token ?? request.headers.get('x-who') ?? '';

const byAction: Authorize = (question) => {
  const who = whoOf(question);
  const rights = granted[who] ?? [];
  const isIn = question.action === 'connect' ? who !== '' : rights.includes(question.action);
  const admitted = { id: who, may: rights };
  if (!isIn) return null;
  return who === 'olga' ? asOperator(admitted) : admitted;
};

interface World {
  readonly server: TestServer;
  readonly id: string;
  /** A run that is live. */
  readonly run: string;
  /** The message of alice's that it answers, and the one before. */
  readonly first: string;
  readonly second: string;
  /** The message with a call that stands open. */
  readonly called: string;
  ask(who: string, path: string, body?: object, method?: string): Promise<Response>;
}

async function world(server: TestServer): Promise<World> {
  const id = `s-${crypto.randomUUID()}`;
  const ask: World['ask'] = (who, path, body, method = 'POST') =>
    fetch(`${server.api}/${path}`.replace(/\/$/, ''), {
      method,
      headers: { 'content-type': 'application/json', 'x-who': who },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const say = async (text: string) => {
    const send = { id, command: text, trigger: 'submit-message', message: userMessage(text, text) };
    return (await (await ask('alice', '', send)).json()) as { run: string; messageId: string };
  };
  const call = await say('call');
  await seeEnd(server, id, call.run);
  const live = await say('wait');
  return {
    server,
    id,
    run: live.run,
    first: 'call',
    second: 'wait',
    called: call.messageId,
    ask,
  };
}

async function seeEnd(server: TestServer, id: string, run: string): Promise<void> {
  const proxy = Object.create(server, {
    greet: { value: () => server.greet('alice') },
  }) as TestServer;
  await ended(proxy, id, run);
}

interface Verb {
  /** All of them are needed. */
  readonly needs: readonly SessionAction[];
  /** Its status, or the code that a frame was answered with. */
  readonly act: (world: World, who: string) => Promise<number>;
}

const post =
  (path: (world: World) => string, body: (world: World) => object, method?: string): Verb['act'] =>
  async (at, who) =>
    (await at.ask(who, path(at), body(at), method)).status;
const get =
  (path: (world: World) => string): Verb['act'] =>
  async (at, who) => {
    const response = await at.ask(who, path(at), undefined, 'GET');
    await response.body?.cancel();
    return response.status;
  };
const send = (more: (world: World) => object) =>
  post(
    () => '',
    (at) => ({ id: at.id, command: crypto.randomUUID(), trigger: 'submit-message', ...more(at) }),
  );
/** The status that stands for what a socket was told. */
const socket =
  (frame: (world: World) => object): Verb['act'] =>
  async (at, who) => {
    const client = await at.server.dial();
    onTestFinished(() => client.terminate());
    client.send({ t: 'hello', v: 1, token: who });
    client.send({ ...frame(at), r: 1, s: at.id });
    const told = await client
      .until(({ t }) => t === 'res' || t === 'subbed')
      .catch(() => ({ t: 'closed' }) as const);
    return told.t === 'res' && told.err ? 403 : told.t === 'closed' ? 401 : 200;
  };

const verbs: Readonly<Record<string, Verb>> = {
  'POST / with a message': {
    needs: ['send'],
    act: send(() => ({ message: userMessage(crypto.randomUUID(), 'more') })),
  },
  'POST / with nothing new': { needs: ['send'], act: send(() => ({})) },
  'POST / with a list of messages, as stock clients do': {
    needs: ['send'],
    act: post(
      () => '',
      ({ id, called }) => ({
        id,
        messages: [
          userMessage('call', 'call'),
          { id: called, role: 'assistant', parts: [] },
          userMessage('wait', 'wait'),
          userMessage(crypto.randomUUID(), 'more'),
        ],
      }),
    ),
  },
  'POST / that edits': {
    needs: ['send', 'edit', 'cancel'],
    act: send(({ first }) => ({ message: userMessage(first, 'other'), after: null })),
  },
  'POST / that has the answer written anew': {
    needs: ['edit', 'cancel'],
    act: send(({ second }) => ({ trigger: 'regenerate-message', after: second })),
  },
  'POST / with answers': {
    needs: ['answer'],
    act: send(({ called }) => ({
      continues: called,
      answers: [{ type: 'tool-output-available', toolCallId: 'c', output: 1 }],
    })),
  },
  'POST / that interrupts': {
    needs: ['send', 'cancel'],
    act: send(() => ({
      message: userMessage(crypto.randomUUID(), 'more'),
      whileBusy: 'interrupt',
      wake: true,
    })),
  },
  'POST / that rolls back': {
    needs: ['send', 'edit', 'cancel'],
    act: send(() => ({
      message: userMessage(crypto.randomUUID(), 'more'),
      whileBusy: 'rollback',
      wake: true,
    })),
  },
  'POST / that waits': {
    needs: ['send'],
    act: send(() => ({ message: userMessage(crypto.randomUUID(), 'more'), whileBusy: 'queue' })),
  },
  'POST / that waits and steers': {
    needs: ['send', 'steer'],
    act: send(() => ({
      message: userMessage(crypto.randomUUID(), 'more'),
      whileBusy: 'steer',
      wake: true,
    })),
  },
  'POST /{id}/answer': {
    needs: ['answer'],
    act: post(
      ({ id }) => `${id}/answer`,
      ({ called }) => ({
        messageId: called,
        answers: [{ type: 'tool-output-available', toolCallId: 'c', output: 1 }],
      }),
    ),
  },
  'POST /{id}/claim': {
    needs: ['answer'],
    act: post(
      ({ id }) => `${id}/claim`,
      ({ called }) => ({ messageId: called, toolCallId: 'c', holder: 'h' }),
    ),
  },
  'POST /{id}/stop': {
    needs: ['cancel'],
    act: post(
      ({ id }) => `${id}/stop`,
      () => ({}),
    ),
  },
  'POST /{id}/steer': {
    needs: ['steer'],
    act: post(
      ({ id }) => `${id}/steer`,
      () => ({ message: userMessage(crypto.randomUUID(), 'shorter') }),
    ),
  },
  'POST /{id}/queue': {
    needs: ['queue'],
    act: post(
      ({ id }) => `${id}/queue`,
      () => ({ order: [] }),
    ),
  },
  'POST /{id}/cancel': {
    needs: ['cancel'],
    act: post(
      ({ id }) => `${id}/cancel`,
      ({ run }) => ({ run }),
    ),
  },
  'POST /{id}/cancel by command': {
    needs: ['cancel'],
    act: post(
      ({ id }) => `${id}/cancel`,
      ({ second }) => ({ command: second }),
    ),
  },
  'POST /{id}/handoff': {
    needs: ['handoff'],
    act: post(
      ({ id }) => `${id}/handoff`,
      () => ({ to: 'me' }),
    ),
  },
  'GET /{id}': { needs: ['read'], act: get(({ id }) => id) },
  'GET /{id}/stream': { needs: ['read'], act: get(({ id }) => `${id}/stream`) },
  'DELETE /{id}': {
    needs: ['delete'],
    act: async (at, who) => (await at.ask(who, at.id, undefined, 'DELETE')).status,
  },
  'the frame sub': { needs: ['read'], act: socket(() => ({ t: 'sub' })) },
  'the frame cancel': { needs: ['cancel'], act: socket(({ run }) => ({ t: 'cancel', run })) },
};

/** All that was done in the session; the live run goes on meanwhile. */
async function actsIn(log: SessionLog, id: string): Promise<readonly string[]> {
  const read = await log.read(id, { after: null, limit: 1_000 });
  if (read.kind !== 'entries') return [read.kind];
  return read.entries.flatMap(({ body }) => (body.startsWith('{"k":"chunks"') ? [] : [body]));
}

const stores = {
  memory: () => createMemoryLog(),
  Redis: () => createRedisLog({ redis: inject('redisUrl'), prefix: uniquePrefix() }),
};

describe.each(Object.entries(stores))('who may do what, over %s', (_, open) => {
  async function serve(authorize: Authorize, options: HoldfastOptions = {}) {
    const log = open();
    const server = await startServer({
      log,
      agent,
      authorize,
      whileBusy: ({ asked = 'parallel' }) => asked,
      openCalls: 'keep',
      ...options,
    });
    onTestFinished(async () => {
      await server[Symbol.asyncDispose]();
      await log.close();
    });
    return { server, log };
  }

  describe.each(Object.entries(verbs))('%s', (name, { needs, act }) => {
    it.each(Object.keys(granted))(
      `S3, S4, S7, HF-AUTH-1, HF-AUTH-2: ${name} by %s`,
      async (who) => {
        const { server, log } = await serve(byAction);
        const at = await world(server);
        const before = await actsIn(log, at.id);
        const status = await act(at, who);
        const may = needs.every((action) => granted[who]?.includes(action));
        // Nobody but an operator takes the agents' place, whatever the application says.
        const isAllowed = may && (!needs.includes('handoff') || who === 'olga');
        if (isAllowed) expect(status).toBeLessThan(300);
        else {
          expect(status).toBe(403);
          expect(await actsIn(log, at.id)).toEqual(before);
        }
      },
    );
  });

  describe('HF-AUTH-5: a message is changed by its author only', () => {
    const edit = (at: World, who: string, id: string, after: string | null) =>
      at.ask(who, '', {
        id: at.id,
        command: crypto.randomUUID(),
        trigger: 'submit-message',
        message: userMessage(id, 'other'),
        after,
      });
    const both: Authorize = (question) => ({ id: whoOf(question) });

    it.each([
      ['that of another participant', 'second', 'first'],
      ['the first one, with all that follows', 'first', null],
      ['an agent’s', 'called', 'first'],
    ] as const)('%s', async (_name, target, keep) => {
      const { server, log } = await serve(both);
      const at = await world(server);
      const before = await actsIn(log, at.id);
      const response = await edit(at, 'bob', at[target], keep && at[keep]);
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: { code: 'forbidden' } });
      expect(await actsIn(log, at.id)).toEqual(before);
      expect((await edit(at, 'alice', at.first, null)).status).toBe(200);
    });

    it('that of one whose id an agent has for a name', async () => {
      const { server } = await serve(both);
      const at = await world(server);
      await server.holdfast.session(at.id).run({ agent: 'bob' }, () =>
        (async function* () {
          yield* answer('Mine.');
        })(),
      );
      const { messages } = await server.holdfast.session(at.id).state();
      const last = messages.at(-1)?.id ?? '';
      expect((await edit(at, 'bob', last, messages.at(-2)?.id ?? null)).status).toBe(403);
    });

    it('one whose author nobody knows came with the application’s history, and may be changed', async () => {
      const { server } = await serve(both);
      const id = `s-${crypto.randomUUID()}`;
      await server.holdfast.session(id).seed([userMessage('old', 'old') as never]);
      const at = { ...(await world(server)), id };
      expect((await edit(at, 'bob', 'old', null)).status).toBe(200);
    });
  });

  it('S3: a session that does not exist is answered like one that is forbidden', async () => {
    const { server } = await serve(byAction);
    const at = await world(server);
    const told = async (path: string, method: string, body?: object) => {
      const response = await at.ask('rex', path, body, method);
      return [response.status, await response.text()];
    };
    for (const [suffix, method, body] of [
      ['', 'GET'],
      ['/stream', 'GET'],
      ['', 'DELETE'],
      ['/cancel', 'POST', { run: at.run }],
      ['/queue', 'POST', {}],
    ] as const)
      expect(await told(`${at.id}${suffix}`, method, body)).toEqual(
        await told(`no-such-session${suffix}`, method, body),
      );
  });

  it('S4: a position that was got by somebody else opens nothing', async () => {
    const { server } = await serve(byAction);
    const at = await world(server);
    const owner = await server.greet('alice');
    owner.send({ t: 'sub', r: 1, s: at.id });
    const { epoch, top } = await owner.next('subbed');
    const thief = await server.greet('rex');
    thief.send({ t: 'sub', r: 1, s: at.id, pos: `${epoch}:${top}` });
    expect(await thief.next('res')).toMatchObject({ err: { code: 'forbidden' } });
    expect(thief.frames.map(({ t }) => t)).toEqual(['welcome', 'res']);
  });
});

describe('an application’s authorize', () => {
  async function status(authorize: Authorize, act: Verb['act'], options: HoldfastOptions = {}) {
    const server = await startServer({
      agent,
      whileBusy: ({ asked = 'parallel' }) => asked,
      openCalls: 'keep',
      ...options,
      authorize: (question) =>
        whoOf(question) === 'alice' ? { id: 'alice' } : authorize(question),
    });
    onTestFinished(() => server[Symbol.asyncDispose]());
    return [await act(await world(server), 'carol'), server] as const;
  }
  const carol = { id: 'carol' };
  const verb = (name: string): Verb['act'] => verbs[name]?.act as Verb['act'];
  const kinds = ['POST /{id}/answer', 'POST /{id}/steer', 'POST /{id}/queue', 'POST /{id}/claim'];

  it.each(kinds)(
    'HF-AUTH-1: that refuses send refuses %s, which it does not know',
    async (name) => {
      const authorize: Authorize = ({ action }) => (action === 'send' ? null : carol);
      expect((await status(authorize, verb(name)))[0]).toBe(403);
    },
  );

  it.each(kinds)(
    'HF-AUTH-1: that gives nothing for what it does not know, and allows send, allows %s',
    async (name) => {
      const authorize: Authorize = ({ action }) => {
        switch (action) {
          case 'connect':
          case 'read':
          case 'send':
            return carol;
          default:
            return undefined;
        }
      };
      expect((await status(authorize, verb(name)))[0]).toBe(200);
    },
  );

  it.each(kinds)('HF-AUTH-1: that says no to what it does not know refuses %s', async (name) => {
    const authorize: Authorize = ({ action }) =>
      ['connect', 'read', 'send', 'cancel'].includes(action) ? carol : null;
    expect((await status(authorize, verb(name)))[0]).toBe(403);
  });

  it('HF-AUTH-1: that gives a list is taken at its word, and for nothing else', async () => {
    const may: readonly SessionAction[] = ['read', 'answer'];
    const authorize: Authorize = () => ({ ...carol, may });
    expect((await status(authorize, verb('POST /{id}/answer')))[0]).toBe(200);
    expect((await status(authorize, verb('POST / with a message')))[0]).toBe(403);
    expect((await status(authorize, verb('DELETE /{id}')))[0]).toBe(403);
  });

  it('HF-AUTH-2: who may not stop stops nobody by an edit that cuts the live answer off', async () => {
    const authorize: Authorize = ({ action }) =>
      action === 'cancel' || action === 'delete' ? null : carol;
    const [code, server] = await status(authorize, verb('POST / that edits'));
    expect(code).toBe(403);
    expect(server.errors).toEqual([]);
  });

  it.each([
    ['an id that is a number', { id: 7 }, /String\(user\.id\)/],
    ['an id without end', { id: 'x'.repeat(257) }, /1 to 256/],
    ['a text', 'carol', /no object/],
    ['an end that is no number', { id: 'carol', expiresInMs: Number.NaN }, /milliseconds/],
    ['info that is no object', { id: 'carol', info: 'Carol' }, /info/],
  ])('that gives %s is told so, and nobody gets in', async (_, given, words) => {
    const [code, server] = await status(() => given as never, verb('GET /{id}'));
    expect(code).toBe(500);
    expect(String(server.errors[0])).toMatch(words);
  });

  it('whose credentials are over refuses', async () => {
    const over: Authorize = () => ({ id: 'carol', expiresInMs: -1 });
    expect((await status(over, verb('GET /{id}')))[0]).toBe(403);
  });

  it.each([
    ['admin', null],
    ['operator', /the role `operator`.*return asOperator/s],
    ['agent', /the role `agent`.*session\(id\)\.run/s],
  ])(
    'HF-AUTH-6: that gives a row of users with the role %s has a user of it, and keeps nothing else',
    async (role, told) => {
      const row = { id: 'carol', role, passwordHash: 'secret', may: 'everything' };
      const log = createMemoryLog();
      const written: string[] = [];
      const given: unknown[] = [];
      const options: HoldfastOptions = {
        log: changed(log, {
          send: (session, command) => {
            written.push(JSON.stringify(command));
            return log.send(session, command);
          },
        }),
        onLost: 'retry',
      };
      const server = await startServer({
        ...options,
        authorize: () => row as never,
        whileBusy: ({ asked = 'parallel' }) => asked,
        agent: (context) => {
          given.push(context.participant);
          return agent(context);
        },
      });
      onTestFinished(() => server[Symbol.asyncDispose]());
      const at = await world(server);
      expect(await verb('POST / that waits')(at, 'carol')).toBe(200);
      expect(await verb('POST /{id}/handoff')(at, 'carol')).toBe(403);
      expect(written.join()).toContain('carol');
      expect(written.join()).not.toMatch(/secret|admin|operator/);
      expect(given[0]).toEqual({ id: 'carol' });
      expect(server.errors).toHaveLength(told ? 1 : 0);
      if (told) expect(String(server.errors[0])).toMatch(told);
    },
  );
});
