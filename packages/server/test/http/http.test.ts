import { expect, it } from 'vitest';
import { asOperator } from '../../src/index.ts';
import { answer, gatedAgent, replying } from '../support/gated-agent.ts';
import { postJson } from '../support/post.ts';
import { startServer, userMessage } from '../support/server.ts';
import { settled, snapshotOf } from '../support/settled.ts';

const json = { 'content-type': 'application/json' };

it('keeps a sent message and the reply to it', async () => {
  await using server = await startServer({ agent: replying(...answer('Hello')) });
  const sent = await server.send({ id: 's1', command: 'm1', message: userMessage('m1', 'Hi') });
  expect(sent).toMatchObject({ command: 'm1', state: 'running' });
  const { messages } = await settled(server.api, 's1');
  expect(messages).toEqual([
    userMessage('m1', 'Hi'),
    {
      id: sent.messageId,
      role: 'assistant',
      parts: [{ type: 'text', text: 'Hello', state: 'done' }],
    },
  ]);
});

it('HF-HTTP-13: a repeated send is answered with the first answer and starts no second run', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const request = { id: 's1', command: 'm1', message: userMessage('m1', 'Hi') };
  const answers = await Promise.all([
    server.send(request),
    server.send(request),
    server.send(request),
  ]);
  expect(new Set(answers.map((each) => each.run)).size).toBe(1);
  expect(new Set(answers.map((each) => each.position)).size).toBe(1);
  gated.end();
  const { messages, runs } = await settled(server.api, 's1');
  expect(messages).toHaveLength(1);
  expect(runs).toHaveLength(1);
  expect(gated.calls).toHaveLength(1);
});

it.each(['assistant', 'system', 'tool'])(
  'HF-HTTP-15: refuses a message with the role %s from a client',
  async (role) => {
    await using server = await startServer({ agent: replying(...answer('x')) });
    const message = { ...userMessage('m1', 'Hi'), role };
    const response = await server.post({
      id: 's1',
      command: 'c',
      trigger: 'submit-message',
      message,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'bad_request' } });
    expect((await snapshotOf(server.api, 's1')).messages).toEqual([]);
  },
);

it('HF-HTTP-15: refuses a message that the validator of the AI SDK refuses', async () => {
  await using server = await startServer();
  const message = { id: 'm1', role: 'user', parts: [{ type: 'text', text: 7 }] };
  const response = await server.post({
    id: 's1',
    command: 'c',
    trigger: 'submit-message',
    message,
  });
  expect(response.status).toBe(400);
});

it('HF-HTTP-28: an answer settles an open client tool call, once, and the message goes on', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const first = await server.send({
    id: 's1',
    command: 'm1',
    message: userMessage('m1', 'Where?'),
  });
  gated.emit(
    { type: 'start' },
    { type: 'start-step' },
    { type: 'tool-input-available', toolCallId: 'call-1', toolName: 'location', input: {} },
    { type: 'finish-step' },
    { type: 'finish' },
  );
  gated.end();
  await settled(server.api, 's1');
  const continuation = {
    id: 's1',
    continues: first.messageId,
    answers: [{ type: 'tool-output-available', toolCallId: 'call-1', output: { lat: 1 } }],
  };
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  const second = await server.send({ ...continuation, command: 'c1' });
  expect(second.messageId).toBe(first.messageId);
  gated.emit({ type: 'start' }, ...answer('There').slice(1));
  gated.end();
  const { messages } = await settled(server.api, 's1');
  expect(messages).toHaveLength(2);
  // Who holds newer messages alone is told that an older one goes on.
  await client.until((frame) => frame.t === 'entry' && frame.d.k === 'run-end');
  const { messageId } = first;
  const starts = client.entries.filter(({ d }) => d.k === 'run-start').map(({ d }) => d);
  expect(starts).toMatchObject([{ messageId, continues: true }]);
  expect(messages[1]?.parts).toMatchObject([
    { type: 'step-start' },
    { type: 'tool-location', state: 'output-available', output: { lat: 1 } },
    { type: 'text', text: 'There' },
  ]);
  // The agent of the continuation saw the output in the transcript.
  expect(gated.calls[1]?.messages[1]?.parts).toMatchObject([
    { type: 'step-start' },
    { type: 'tool-location', state: 'output-available' },
  ]);
  const late = { ...continuation.answers[0], output: 'other' };
  await expect(
    server.send({ ...continuation, answers: [late as never], command: 'c2' }),
  ).rejects.toThrow(/409 .*conflict/);
  expect(gated.calls).toHaveLength(2);
  const after = await settled(server.api, 's1');
  expect(after.messages[1]?.parts[1]).toMatchObject({ output: { lat: 1 } });
});

it.each([
  [
    'a call that the message does not have',
    { type: 'tool-output-available', toolCallId: 'no', output: 1 },
  ],
  ['a chunk of another kind', { type: 'text-delta', id: 't', delta: 'forged' }],
])('HF-HTTP-28: refuses %s as an answer', async (_, chunk) => {
  await using server = await startServer({ agent: replying(...answer('Hello')) });
  const first = await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  await settled(server.api, 's1');
  const response = await server.post({
    id: 's1',
    command: 'c',
    trigger: 'submit-message',
    continues: first.messageId,
    answers: [chunk],
  });
  expect(response.status).toBe(400);
});

it('F19, HF-HTTP-7: refuses a body that is too large or nested too deep, and writes nothing', async () => {
  const limits = { sendBytes: 2_000, requestBytes: 1_000 };
  await using server = await startServer({ limits });
  const large = await server.post({ id: 's1', command: 'c', text: 'x'.repeat(2_000) });
  expect(large.status).toBe(413);
  const order = ['x'.repeat(1_000)];
  expect((await postJson(`${server.api}/s1/queue`, { order })).status).toBe(413);
  const deep = await server.post(`{"id":"s1","a":${'['.repeat(500)}${']'.repeat(500)}}`);
  expect(deep.status).toBe(400);
  expect((await snapshotOf(server.api, 's1')).position).toBe(':0-0');
});

it('HF-HTTP-36: the run goes on when the client that asked for it is gone', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const gone = new AbortController();
  const response = await server.post(
    { id: 's1', messages: [userMessage('m1', 'Hi')], trigger: 'submit-message' },
    { signal: gone.signal },
  );
  const reader = response.body?.getReader();
  gated.emit(...answer('Hello').slice(0, 3));
  await reader?.read();
  gone.abort();
  gated.emit(...answer('Hello').slice(3));
  gated.end();
  const { messages } = await settled(server.api, 's1');
  expect(messages[1]?.parts).toEqual([{ type: 'text', text: 'Hello', state: 'done' }]);
});

it('HF-HTTP-1: refuses what a browser sent from another site', async () => {
  await using server = await startServer();
  const body = JSON.stringify({ id: 's1', command: 'c', trigger: 'submit-message' });
  for (const origin of ['https://evil.example', 'null', `${server.origin}.evil.example`]) {
    const response = await server.post(body, { headers: { ...json, origin } });
    expect(response.status, origin).toBe(403);
  }
  const form = await server.post(body, { headers: { 'content-type': 'text/plain' } });
  expect(form.status).toBe(400);
  const own = await server.post(body, { headers: { ...json, origin: server.origin } });
  expect(own.status).toBe(200);
});

it('answers a stock AI SDK client with the stream of its reply, and another with what is live', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const sent = await server.post({
    id: 's1',
    messages: [userMessage('m1', 'Hi')],
    trigger: 'submit-message',
  });
  expect(sent.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1');
  gated.emit(...answer('Hello').slice(0, 4));
  await expect.poll(async () => (await snapshotOf(server.api, 's1')).messages.length).toBe(2);
  const resumed = await fetch(`${server.api}/s1/stream`);
  expect(resumed.status).toBe(200);
  gated.emit(...answer('Hello').slice(4));
  gated.end();
  const textOf = (sse: string) =>
    [...sse.matchAll(/"delta":"([^"]*)"/g)].map((match) => match[1]).join('');
  for (const response of [sent, resumed]) {
    const body = await response.text();
    expect(textOf(body)).toBe('Hello');
    expect(body.match(/"type":"start"/g)).toHaveLength(1);
    expect(body.trimEnd().endsWith('data: [DONE]')).toBe(true);
  }
  expect((await fetch(`${server.api}/s1/stream`)).status).toBe(204);
});

it('refuses an empty session id', async () => {
  await using server = await startServer();
  const response = await server.post({ id: '', command: 'c', trigger: 'submit-message' });
  expect(response.status).toBe(400);
});

it('HF-ERR-1: errors say what to do and carry no secrets', async () => {
  await using server = await startServer({
    authorize: () => {
      throw new Error('database password hunter2');
    },
  });
  const response = await server.post({ id: 's1', command: 'c', trigger: 'submit-message' });
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).toContain('try again');
  expect(text).not.toContain('hunter2');
  expect(server.errors).toHaveLength(1);
});

it('hands headers, body, metadata and participant to the agent', async () => {
  const gated = gatedAgent();
  await using server = await startServer({
    agent: gated.agent,
    authorize: ({ token }) => (token === 'secret' ? asOperator({ id: 'ann' }) : null),
  });
  const body = {
    id: 's1',
    command: 'c',
    trigger: 'submit-message',
    metadata: { a: 1 },
    body: { b: 2 },
  };
  const headers = { ...json, authorization: 'Bearer secret', 'x-custom': 'yes' };
  expect((await server.post(body)).status).toBe(403);
  expect((await server.post(body, { headers })).status).toBe(200);
  await expect.poll(() => gated.calls.length).toBe(1);
  expect(gated.calls[0]).toMatchObject({
    sessionId: 's1',
    metadata: { a: 1 },
    body: { b: 2 },
    participant: { id: 'ann', role: 'operator' },
    trigger: 'submit-message',
  });
  expect(gated.calls[0]?.headers.get('x-custom')).toBe('yes');
});

it('without `authorize` answers only a loopback host, and nobody in production', async () => {
  const { createHoldfast } = await import('../../src/index.ts');
  const holdfast = createHoldfast({ onError: () => {} });
  const ask = (host: string) =>
    holdfast
      .handle(new Request('http://x/api/chat/s1', { headers: { host } }), {
        agent: replying(),
        path: ['s1'],
      })
      .then((response) => response.status);
  expect(await ask('localhost:3000')).toBe(200);
  expect(await ask('evil.example')).toBe(403);
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  expect(await ask('localhost:3000')).toBe(403);
  process.env.NODE_ENV = before;
  await holdfast.close();
});

it('delete removes the session', async () => {
  await using server = await startServer({ agent: replying(...answer('x')) });
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  await settled(server.api, 's1');
  expect((await fetch(`${server.api}/s1`, { method: 'DELETE' })).status).toBe(204);
  expect((await snapshotOf(server.api, 's1')).messages).toEqual([]);
});
