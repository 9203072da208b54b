import { expect, it } from 'vitest';
import { filesOf, refusalOf } from '../support/files.ts';
import { startOwnServer } from '../support/own-server.ts';
import { type TestServerOptions, userMessage } from '../support/server.ts';

it.each<[string, TestServerOptions['acceptMessage']]>([
  ['of its own', undefined],
  ['of the application', ({ message }) => message],
])('HF-FILE-3: by a gate %s no metadata pass that look like a reference', async (_, gate) => {
  const server = await startOwnServer(gate ? { acceptMessage: gate } : {});
  const post = (id: string, metadata: unknown, wake: boolean) => {
    const message = { ...userMessage(id, 'Hi'), metadata };
    return server.post({ id: 's', command: id, trigger: 'submit-message', message, wake });
  };
  for (const wake of [true, false])
    expect(await refusalOf(await post('m1', { $holdfast: '../../x', bytes: 1 }, wake))).toEqual([
      400,
      'unable to send: the metadata of a message may not have the member `$holdfast`',
    ]);
  expect((await post('m2', { at: { $holdfast: 'deeper' } }, true)).status).toBe(200);
});

it('HF-FILE-3: what a gate lets through is no reference, whatever it looks like', async () => {
  const prompts: unknown[] = [];
  const server = await startOwnServer({
    acceptMessage: ({ message }) => message,
    agent: ({ messages }) => {
      prompts.push(messages[0]?.parts);
      return (async function* () {})();
    },
  });
  const digest = await filesOf(server, 's').upload(Buffer.from('no JSON'), 'text/plain');
  const front = [{ $holdfast: digest, bytes: 7, sum: 1 }];
  const parts = [
    { type: 'text', text: 'Hi', front },
    { type: 'data-note', data: { $holdfast: digest, bytes: 7 } },
  ];
  await server.send({ id: 's', message: { id: 'm1', role: 'user', parts } });
  await expect.poll(() => prompts).toEqual([parts]);
  const page = (await (await fetch(`${server.api}/s`)).json()) as {
    messages: { parts: unknown }[];
  };
  expect(page.messages[0]?.parts).toEqual(parts);
  expect(server.errors).toEqual([]);
});
