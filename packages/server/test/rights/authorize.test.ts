import { createMemoryLog } from '@holdfast/log';
import { startOwnServer } from '../support/own-server.ts';
import '@holdfast/testkit/redis-global-setup';
import { describe, expect, it } from 'vitest';
import type { Authorize, HoldfastOptions, SessionAction } from '../../src/index.ts';
import { changed } from '../support/logs.ts';
import { agent, type Verb, verbs, whoOf, world } from '../support/verbs.ts';

describe('an application’s authorize', () => {
  async function status(authorize: Authorize, act: Verb['act'], options: HoldfastOptions = {}) {
    const server = await startOwnServer({
      agent,
      whileBusy: ({ asked = 'parallel' }) => asked,
      openCalls: 'keep',
      ...options,
      authorize: (question) =>
        whoOf(question) === 'alice' ? { id: 'alice' } : authorize(question),
    });
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

  it.each(['POST / that has the answer written anew', 'POST / that interrupts'])(
    'HF-AUTH-2: who may not stop cuts no live answer off: %s',
    async (name) => {
      for (const [may, expected] of [
        [true, 200],
        [false, 403],
      ] as const) {
        const authorize: Authorize = ({ action }) => (action === 'cancel' && !may ? null : carol);
        const [code, server] = await status(authorize, verb(name));
        expect([code, server.errors]).toEqual([expected, []]);
      }
    },
  );

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
      const server = await startOwnServer({
        ...options,
        authorize: () => row as never,
        whileBusy: ({ asked = 'parallel' }) => asked,
        agent: (context) => {
          given.push(context.participant);
          return agent(context);
        },
      });
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
