import { describe, expect, test } from 'vitest';
import { answer, second, setUp, user } from '../support/http-chat.ts';

test('a snapshot is read over HTTP, and its errors are the server’s', async () => {
  const { gateway, transport } = await setUp({ headers: { 'x-a': '1' } });
  const read = transport.snapshot('s1');
  const get = await gateway.posts.take();
  expect(get.headers['x-a']).toBe('1');
  get.answer(200, { messages: [user], runs: [], position: 'E1:1-1' });
  expect(await read).toEqual({ messages: [user], runs: [], position: 'E1:1-1' });
  const refused = transport.snapshot('s1');
  (await gateway.posts.take()).answer(403, {
    error: { code: 'forbidden', message: 'unable to read: no' },
  });
  await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
});

describe('HF-HTTP-4 a token travels with every request', () => {
  const messages = { messages: [user], runs: [], position: 'E1:1-1' };

  test('as Bearer, asked for each time', async () => {
    let count = 0;
    const { gateway, send, transport } = await setUp({ token: () => `token-${++count}` });
    const stream = send([user]);
    const post = await gateway.posts.take();
    expect(post.headers.authorization).toMatch(/^Bearer token-\d$/);
    post.answer(200, answer);
    await stream;
    const read = transport.snapshot('s1');
    const get = await gateway.posts.take();
    expect(get.headers.authorization).toMatch(/^Bearer token-\d$/);
    expect(get.headers.authorization).not.toBe(post.headers.authorization);
    get.answer(200, messages);
    await read;
    const taken = transport.handOff('s1', 'agents');
    const handOff = await gateway.posts.take();
    expect(handOff.headers.authorization).toMatch(/^Bearer token-\d$/);
    handOff.answer(200, { operator: null });
    expect(await taken).toBeNull();
  });

  test.each([
    ['the transport', { headers: { Authorization: 'Basic own' } }, {}],
    ['the call', {}, { headers: { Authorization: 'Basic own' } }],
  ])('unless the headers of %s have one', async (_, options, call) => {
    const { gateway, send } = await setUp({ ...options, token: 'secret' });
    const stream = send([user], call);
    const post = await gateway.posts.take();
    expect(post.headers.authorization).toBe('Basic own');
    post.answer(200, answer);
    await stream;
  });

  test.each(['J\u00fcrgen', 'two\nlines', ''])(
    'but for one that no header can carry: %j',
    async (token) => {
      const { gateway, send } = await setUp({ token });
      const stream = send([user]);
      const post = await gateway.posts.take();
      expect(post.headers.authorization).toBeUndefined();
      post.answer(200, answer);
      await stream;
    },
  );

  test('is asked for once more when it was refused, and not twice', async () => {
    const tokens = ['old', 'old', 'new'];
    const { gateway, send } = await setUp({
      token: () => tokens.shift() ?? 'newest',
      url: 'nowhere',
      WebSocket: class {
        send(): void {}
        close(): void {}
        addEventListener(): void {}
      },
    });
    const stream = send([user]);
    const used: unknown[] = [];
    for (const status of [401, 200]) {
      const post = await gateway.posts.take();
      used.push(post.headers.authorization);
      post.answer(status, status === 200 ? answer : 'who are you?');
    }
    await stream;
    expect(new Set(used).size).toBe(2);
    const refused = send([second]);
    for (let time = 1; time <= 2; time++)
      (await gateway.posts.take()).answer(401, { error: 'who are you?' });
    await expect(refused).rejects.toMatchObject({ code: 'unauthorized', message: 'who are you?' });
    expect(gateway.posts.size).toBe(0);
  });

  test('and to no other origin, also where the route redirects', async () => {
    const { gateway: elsewhere } = await setUp();
    const { gateway, transport } = await setUp({ token: 'secret' });
    const read = transport.snapshot('s1');
    const asked = await gateway.posts.take();
    expect(asked.headers.authorization).toBe('Bearer secret');
    asked.redirect(elsewhere.api);
    const led = await elsewhere.posts.take();
    expect(led.headers.authorization).toBeUndefined();
    led.answer(200, messages);
    await read;
  });
});
