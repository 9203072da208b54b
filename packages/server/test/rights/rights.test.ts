import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import '@holdfast/testkit/redis-global-setup';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  type Authorize,
  asOperator,
  type HoldfastOptions,
  type SessionAction,
} from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startServer, userMessage } from '../support/server.ts';
import { agent, verbs, type World, whoOf, world } from '../support/verbs.ts';

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

const byAction: Authorize = (question) => {
  const who = whoOf(question);
  const rights = granted[who] ?? [];
  const isIn = question.action === 'connect' ? who !== '' : rights.includes(question.action);
  const admitted = { id: who, may: rights };
  if (!isIn) return null;
  return who === 'olga' ? asOperator(admitted) : admitted;
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
