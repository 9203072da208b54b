import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { forked } from './support/forked.ts';
import { gatedAgent } from './support/gated-agent.ts';
import { startServer, userMessage } from './support/server.ts';
import { WireClient } from './support/wire-client.ts';

const json = { 'content-type': 'application/json' };

/** A process whose agent is in the middle of an answer that a socket follows, and what tells of its end. */
async function answering(options: object = {}) {
  const { child, tells, send } = forked('signalled-process.ts', JSON.stringify(options));
  const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  const { port } = await tells('port');
  const api = `http://127.0.0.1:${port}/api/chat`;
  const client = new WireClient(new WebSocket(`ws://127.0.0.1:${port}/holdfast`, 'holdfast.v1'));
  await client.opened;
  client.send({ t: 'hello', v: 1 });
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  const post = (path: string, body: object) =>
    fetch(`${api}${path}`, { method: 'POST', headers: json, body: JSON.stringify(body) });
  const ask = (command: string) =>
    post('', { id: 's1', command, trigger: 'submit-message', message: userMessage(command, 'Hi') });
  expect((await ask('one')).status).toBe(200);
  await tells('writing');
  return { api, ask, child, client, exited, post, send, tells };
}

const textOf = ({ entries }: WireClient): string =>
  entries
    .flatMap(({ d }) => (d.k === 'chunks' ? d.c : []))
    .map((chunk) => ('delta' in chunk ? chunk.delta : ''))
    .join('');

it.each(['SIGTERM', 'SIGINT'] as const)(
  'HF-CONN-14: on %s the answer that is being written reaches its readers whole, and nothing new begins',
  async (signal) => {
    const { api, ask, child, client, exited, send, tells } = await answering();
    const stream = await fetch(`${api}/s1/stream`);
    child.kill(signal);
    expect((await tells('line0')).line0).toBe(
      `holdfast: ${signal}: takes no new work; 1 answer is being written and may end within 25 s; the same signal again ends at once`,
    );
    const refused = await ask('two');
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: 'unavailable' } });
    send('end');
    expect(await stream.text()).toMatch(/\[DONE\]\s*$/);
    await client.entry('run-end');
    expect(textOf(client)).toBe('Hello, whole.');
    expect((await client.closed).code).toBe(1012);
    await tells('closed');
    expect((await tells('line1')).line1).toBe('holdfast: closed');
    expect(await exited).toEqual([0, null]);
  },
);

it('HF-CONN-14: an answer can be stopped while the process closes', async () => {
  const { child, client, exited, post, send, tells } = await answering();
  child.kill('SIGTERM');
  await tells('line0');
  expect((await post('/s1/cancel', { command: 'one' })).status).toBe(200);
  send('end');
  expect((await client.entry('run-end')).d).toMatchObject({ outcome: 'stopped' });
  expect(await exited).toEqual([0, null]);
});

it('HF-CONN-14: an answer that takes longer than it may is given up, and the process ends', async () => {
  const { child, client, exited, tells } = await answering({ runsMs: 50 });
  child.kill('SIGTERM');
  await tells('closed');
  expect((await client.closed).code).toBe(1012);
  expect(await exited).toEqual([0, null]);
});

it('HF-CONN-14: the same signal again ends the process at once', async () => {
  const { child, exited, send, tells } = await answering();
  child.kill('SIGTERM');
  await tells('line0');
  send('a second passes');
  await tells('passed');
  child.kill('SIGTERM');
  expect(await exited).toEqual([1, null]);
});

it('HF-CONN-14: a signal that comes twice at once, as through npm or tsx, is one', async () => {
  const { child, client, exited, send, tells } = await answering();
  child.kill('SIGTERM');
  await tells('line0');
  child.kill('SIGTERM');
  send('still there?');
  await tells('alive');
  send('end');
  await client.entry('run-end');
  expect(await exited).toEqual([0, null]);
});

it('HF-CONN-14: where somebody else ends the process it is left alive, with all closed', async () => {
  const { child, client, exited, send, tells } = await answering({ exit: false });
  child.kill('SIGTERM');
  expect((await tells('line0')).line0).not.toContain('again');
  child.kill('SIGTERM');
  send('end');
  await tells('line1');
  expect((await client.closed).code).toBe(1012);
  send('still there?');
  await tells('alive');
  child.kill('SIGKILL');
  await exited;
});

it('a signal that only an earlier call has named ends the process as if nobody listened', async () => {
  const { child, exited, tells } = await answering({ signals: ['SIGTERM'] });
  const closing = vi.fn();
  void tells('line0').then(closing, () => {});
  child.kill('SIGINT');
  expect(await exited).toEqual([null, 'SIGINT']);
  expect(closing).not.toHaveBeenCalled();
});

it('HF-CONN-14: `close` leaves sockets open until what is written here has ended', async () => {
  const { agent, emit, end } = gatedAgent();
  await using server = await startServer({ agent });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const closing = server.holdfast.close();
  emit({ type: 'start' }, { type: 'text-start', id: 't' });
  emit({ type: 'text-delta', id: 't', delta: 'late' });
  await vi.waitFor(() => expect(textOf(client)).toBe('late'));
  end();
  await client.entry('run-end');
  expect((await client.closed).code).toBe(1012);
  await closing;
});
