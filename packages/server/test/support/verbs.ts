import '@holdfast/testkit/redis-global-setup';
import type { UIMessageChunk } from 'ai';
import { onTestFinished } from 'vitest';
import type { Agent, Authorize, SessionAction } from '../../src/index.ts';
import { answer } from './gated-agent.ts';
import { type TestServer, userMessage } from './server.ts';
import { ended } from './talk.ts';

export const agent: Agent = ({ messages, signal }) =>
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
export const whoOf = ({ request, token }: Parameters<Authorize>[0]): string =>
  token ?? request.headers.get('x-who') ?? '';

export interface World {
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

export async function world(server: TestServer): Promise<World> {
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

export interface Verb {
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

export const verbs: Readonly<Record<string, Verb>> = {
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
