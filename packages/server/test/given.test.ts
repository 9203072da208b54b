import { expect, it, vi } from 'vitest';
import type { Participant } from '../src/index.ts';
import { startServer, userMessage } from './support/server.ts';

const message = userMessage('m1', 'hello');
const send = { id: 's1', command: 'c1', trigger: 'submit-message', message };

const nonsense: readonly (readonly [string, unknown, RegExp])[] = [
  ['a text', 'ann', /is no object/],
  ['true', true, /is no object/],
  ['a participant without an id', {}, /`id`/],
  ['an empty id', { id: '' }, /`id`/],
  ['a number as id', { id: 7 }, /`id`/],
  ['a text as info', { id: 'ann', info: 'Ann' }, /`info`/],
  ['a list as info', { id: 'ann', info: [] }, /`info`/],
  ['NaN as time', { id: 'ann', expiresInMs: Number.NaN }, /`expiresInMs`/],
  ['a text as time', { id: 'ann', expiresInMs: '60000' }, /`expiresInMs`/],
  ['a date as time', { id: 'ann', expiresInMs: new Date(0) }, /`expiresInMs`/],
];

it.each(nonsense)(
  'HF-ERR-2: %s from `authorize` is a fault that is told once, and gives no right',
  async (_, given, words) => {
    await using server = await startServer({ authorize: () => given as Participant });
    const response = await server.post(send);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      error: {
        code: 'internal',
        message: 'unable to do this: a fault of the server; try again later',
      },
    });
    expect(server.errors).toMatchObject([
      { code: 'internal', message: expect.stringMatching(words) },
    ]);
    const client = await server.dial();
    client.send({ t: 'hello', v: 1 });
    expect(await client.closed).toMatchObject({ code: 4500 });
  },
);

it.each([0, -1, Number.NEGATIVE_INFINITY])(
  'credentials that are good for %d ms are over',
  async (expiresInMs) => {
    await using server = await startServer({ authorize: () => ({ id: 'ann', expiresInMs }) });
    expect((await server.post(send)).status).toBe(403);
    const client = await server.dial();
    client.send({ t: 'hello', v: 1 });
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(server.errors).toEqual([]);
  },
);

it.each(['nonsense', undefined, 7])(
  '%s from `whileBusy` is a fault that is told',
  async (given) => {
    await using server = await startServer({ whileBusy: () => given as never });
    expect((await server.post(send)).status).toBe(500);
    await vi.waitFor(() =>
      expect(server.errors).toMatchObject([
        { code: 'internal', cause: { message: expect.stringMatching(/whileBusy gave none of/) } },
      ]),
    );
  },
);
