import { expect, it } from 'vitest';
import { answer, gatedAgent, replying } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';
import { settled, snapshotOf } from '../support/settled.ts';

it('regenerating cuts the old reply off and gives the agent the same transcript again', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  await server.send({ id: 's1', command: 'm1', message: userMessage('m1', 'Hi') });
  gated.emit(...answer('one'));
  gated.end();
  await settled(server.api, 's1');
  await server.send({ id: 's1', trigger: 'regenerate-message', after: 'm1' });
  gated.emit(...answer('two'));
  gated.end();
  const { messages } = await settled(server.api, 's1');
  expect(messages.map((message) => message.parts[0]?.text)).toEqual(['Hi', 'two']);
  expect(gated.calls[1]?.messages).toEqual([userMessage('m1', 'Hi')]);
});

it('editing replaces the message and everything behind it, and stops a run that is cut off', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  await server.send({ id: 's1', command: 'm1', message: userMessage('m1', 'Hi') });
  gated.emit(...answer('one').slice(0, 3));
  await expect.poll(async () => (await snapshotOf(server.api, 's1')).messages.length).toBe(2);
  await server.send({ id: 's1', message: userMessage('m1', 'Hello'), after: null });
  await expect.poll(() => gated.calls[0]?.signal.aborted).toBe(true);
  gated.emit(...answer('two'));
  gated.end();
  const { messages } = await settled(server.api, 's1');
  expect(messages.map((message) => message.parts[0]?.text)).toEqual(['Hello', 'two']);
});

it('tells that an edited or continued message is gone, and changes nothing', async () => {
  await using server = await startServer({ agent: replying(...answer('x')) });
  await server.send({ id: 's1', command: 'm1', message: userMessage('m1', 'Hi') });
  const before = await settled(server.api, 's1');
  for (const change of [{ after: 'gone' }, { continues: 'gone' }]) {
    const response = await server.post({
      id: 's1',
      command: 'c',
      trigger: 'submit-message',
      ...change,
    });
    expect(response.status).toBe(409);
  }
  expect(await snapshotOf(server.api, 's1')).toEqual(before);
});

it('a stock client that comes to an answer which goes on is given no error that was before it', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const { messageId } = await server.send({ id: 's1', message: userMessage('m1', 'Where?') });
  gated.emit({ type: 'start' }, ...answer('Here').slice(1, 3), {
    type: 'error',
    errorText: 'broken',
  });
  gated.end();
  await settled(server.api, 's1');
  await server.send({ id: 's1', continues: messageId });
  const resumed = await fetch(`${server.api}/s1/stream`);
  gated.emit({ type: 'start' }, { type: 'error', errorText: 'again' });
  gated.end();
  const told = await resumed.text();
  expect(told).toContain('"delta":"H"');
  expect([...told.matchAll(/"errorText":"(\w+)"/g)].map(([, text]) => text)).toEqual(['again']);
});

it.each([
  ['braces', 's{1}'],
  ['a newline', 's\n1'],
  ['300 characters', 'x'.repeat(300)],
  ['a path', '../../etc'],
])('refuses a session id with %s', async (_, id) => {
  await using server = await startServer();
  const response = await server.post({ id, command: 'c', trigger: 'submit-message' });
  expect(response.status).toBe(400);
  const read = await fetch(`${server.api}/${encodeURIComponent(id)}/stream`);
  expect([400, 404]).toContain(read.status);
});
