import { expect, vi } from 'vitest';
import type { Hooks } from '../../src/index.ts';
import { turn } from './background.ts';
import type { TestServer } from './server.ts';
import { allPages } from './talk.ts';

interface Store {
  readonly sessions: Map<string, { id: string }[]>;
  readonly keys: string[];
  readonly refused: string[];
  readonly state: { fails: number };
  readonly hooks: Hooks;
}

/** A store of an application, as the documentation builds one. */
export function store(): Store {
  const sessions = new Map<string, { id: string }[]>();
  const keys: string[] = [];
  const refused: string[] = [];
  const state = { fails: 0 };
  const busy = new Set<string>();
  /** Each takes its time, and the next one of a session is to wait for it. */
  const take = async (session: string, key: string) => {
    if (busy.has(session)) throw new Error('told of two things at once');
    busy.add(session);
    await turn();
    busy.delete(session);
    if (state.fails > 0) {
      state.fails--;
      refused.push(key);
      throw new Error('the database is away');
    }
    keys.push(key);
  };
  const hooks: Hooks = {
    onMessage: async ({ sessionId, key, message }) => {
      await take(sessionId, key);
      const messages = sessions.get(sessionId) ?? [];
      const at = messages.findIndex(({ id }) => id === message.id);
      sessions.set(sessionId, at < 0 ? [...messages, message] : messages.with(at, message));
    },
    onTruncate: async ({ sessionId, key, after }) => {
      await take(sessionId, key);
      const messages = sessions.get(sessionId) ?? [];
      const end = messages.findIndex(({ id }) => id === after) + 1;
      sessions.set(sessionId, messages.slice(0, end));
    },
  };
  return { sessions, keys, refused, state, hooks };
}
export const lookMs = 15_000;

export const same = (server: TestServer, sessions: ReadonlyMap<string, unknown>): Promise<void> =>
  vi.waitFor(async () => expect(sessions.get('s')).toEqual(await allPages(server, 's')));
