import { expect, test, vi } from 'vitest';
import { said } from '../support/followed-session.ts';
import { setUp, user } from '../support/http-chat.ts';

test('HF-CLI-3 what is sent and left in one breath is sent, however long its body is waited for', async () => {
  let give = (_: object): void => {};
  const body = new Promise<object>((resolve) => {
    give = resolve;
  });
  const { gateway, clock, transport, send } = await setUp({ body: () => body });
  const release = transport.hold('s1');
  const peer = await gateway.accept();
  await peer.welcome();
  const controller = new AbortController();
  const sent = expect(send([user], { abortSignal: controller.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
  // As the hooks and the SDK do when their component goes.
  release();
  controller.abort();
  clock.advance(2_000);
  give({ mode: 'fast' });
  await sent;
  await vi.waitFor(() => expect(gateway.posts.size).toBe(1));
  expect((await gateway.posts.take()).body).toMatchObject({ command: 'u1', message: user });
  expect((await said(peer)).map(({ t }) => t)).not.toContain('cancel');
});
