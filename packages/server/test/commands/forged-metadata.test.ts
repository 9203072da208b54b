import { expect, it } from 'vitest';
import { refusalOf } from '../support/files.ts';
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
