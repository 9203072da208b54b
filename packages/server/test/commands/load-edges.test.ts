import type { Message } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { readLoaded } from '../../src/commands/load.ts';
import { seedSession } from '../../src/commands/seed.ts';
import type { Core } from '../../src/core.ts';
import { turn } from '../support/background.ts';
import { patient } from '../support/patient.ts';
import { userMessage } from '../support/server.ts';
import { session } from '../support/writing.ts';

const message = (id: string) => userMessage(id, id) as Message;
const visitor = { participant: { id: 'u' } };
const begin = (core: Core) =>
  core.hubs.use(session, async (hub) => await core.loader?.begin(hub, visitor));
const idsOf = async (core: Core) =>
  (await core.hubs.use(session, (hub) => hub.messages())).messages.map(({ id }) => id);

it.each([
  ['fails', 'unavailable', () => Promise.reject(new Error('away'))],
  ['gives no list', 'internal', async () => ({ rows: [] })],
])('HF-LOAD-3: one that %s is to be asked again in a second', async (_, code, load) => {
  const { core } = patient(() => ({}), { load: load as never });
  await expect(begin(core)).rejects.toMatchObject({ code, retryMs: 1_000 });
});

it('HF-LOAD-3: a history has 10,000 messages at most', async () => {
  const history = Array.from({ length: 10_000 }, (_, at) => message(`${at}`));
  let items = 0;
  const { core } = patient(
    () => ({
      seed: async (_, seed) => {
        items = seed.items.length;
        return 'exists';
      },
    }),
    { load: async () => history as never },
  );
  await begin(core);
  expect(items).toBe(10_000);
});

it('HF-LOAD-1: those that come at once are told of one history, and later ones ask anew', async () => {
  let asked = 0;
  const load = async () => {
    await turn();
    return [message(`m${++asked}`)] as never;
  };
  const { core, inner } = patient(() => ({}), { load });
  await Promise.all([begin(core), begin(core), begin(core)]);
  expect([asked, await idsOf(core)]).toEqual([1, ['m1']]);
  await core.hubs.use(session, async (hub) => {
    await hub.project(() => {});
    await inner.delete(session);
    const read = () => hub.project((_, position) => ({ position }));
    expect((await readLoaded(core, hub, visitor, read)).position.epoch).not.toBe('');
  });
  expect([asked, await idsOf(core)]).toEqual([2, ['m2']]);
});

it('HF-ENT-10: an author is of a message that is named, and of none that is called as objects’ members are', async () => {
  const { core } = patient();
  const messages = ['toString', 'named'].map(message);
  const author = { id: 'ann', role: 'user' } as const;
  expect(await seedSession(core, session, messages, { named: author })).toBe('seeded');
  const authors = core.hubs.use(session, (hub) =>
    hub.project(({ items }) => [...items].map(({ by }) => by)),
  );
  expect(await authors).toEqual([undefined, author]);
});

it('what cannot begin a session is refused with why, and the same again exists', async () => {
  const { core, inner } = patient();
  const seed = (...messages: readonly Message[]) => seedSession(core, session, messages, {});
  for (const [messages, why] of [
    [[], 'there are no messages'],
    [[message('a'), message('a')], 'two of the messages have the same id'],
    [[message('a\n')], 'not all have ids of 1 to 256 characters'],
    [[{ ...message('a'), parts: [{ type: 'nope' }] }], 'not all are valid UIMessages'],
  ] as const)
    await expect(seed(...messages)).rejects.toMatchObject({
      code: 'bad_request',
      message: `unable to seed: ${why}`,
    });
  expect(await inner.head(session)).toBeNull();
  expect(await seed(message('a'))).toBe('seeded');
  expect(await seed(message('a'), message('b'))).toBe('exists');
  await expect(seed(message('b'))).rejects.toMatchObject({ code: 'conflict' });
  expect(await idsOf(core)).toEqual(['a']);
});
