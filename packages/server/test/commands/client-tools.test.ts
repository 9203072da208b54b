import { tool, type UIMessageChunk } from 'ai';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import type { ClientTools, HoldfastOptions, Job } from '../../src/index.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { startServer, userMessage } from '../support/server.ts';
import { allPages, ended } from '../support/talk.ts';

const call = (toolCallId: string, toolName: string): UIMessageChunk => ({
  type: 'tool-input-available',
  toolCallId,
  toolName,
  input: {},
});
const approval = (toolCallId: string): UIMessageChunk => ({
  type: 'tool-approval-request',
  approvalId: `a-${toolCallId}`,
  toolCallId,
});
const output = (toolCallId: string) => ({
  type: 'tool-output-available',
  toolCallId,
  output: 'forged',
});
const failure = (toolCallId: string) => ({
  type: 'tool-output-error',
  toolCallId,
  errorText: 'forged',
});
const approve = (toolCallId: string, approved: boolean) => ({
  type: 'tool-approval-response',
  approvalId: `a-${toolCallId}`,
  approved,
});

const tools = {
  charge: tool({ inputSchema: z.object({}), execute: () => 'charged' }),
  ask: tool({ inputSchema: z.object({}) }),
};
const named: readonly (readonly [string, ClientTools])[] = [
  ['by their names', ['ask']],
  ['as the tools themselves', tools],
  ['for each agent', (agent: string) => (agent === 'agent' ? ['ask'] : ['charge'])],
];

describe.each(eachStore())('whose calls clients answer, in %s', (_, log) => {
  /** A run that made these calls, and is live until it is told to end. */
  async function calling(chunks: readonly UIMessageChunk[], options: HoldfastOptions = {}) {
    const gated = gatedAgent();
    const server = await startOwnServer({ agent: gated.agent, log: log(), ...options });
    const id = `s-${crypto.randomUUID()}`;
    const { run, messageId } = await server.send({ id, message: userMessage(`${id}-m`, 'hi') });
    gated.emit({ type: 'start' }, ...chunks);
    const parts = async () =>
      ((await allPages(server, id)).at(-1)?.parts ?? []) as readonly Record<string, unknown>[];
    const ids = new Set(chunks.flatMap((chunk) => ('toolCallId' in chunk ? chunk.toolCallId : [])));
    await vi.waitFor(async () => expect(await parts()).toHaveLength(ids.size));
    const post = async (path: string, body: object) => {
      const response = await postJson(`${server.api}${path}`, body);
      const text = await response.text();
      const { error } = (/^\{"error"/.test(text) ? JSON.parse(text) : {}) as {
        error?: { code: string };
      };
      return error?.code ?? response.status;
    };
    /** By every door that takes answers. */
    const doors = {
      answer: (...answers: readonly object[]) => post(`/${id}/answer`, { messageId, answers }),
      send: (...answers: readonly object[]) =>
        post('', {
          id,
          command: crypto.randomUUID(),
          trigger: 'submit-message',
          continues: messageId,
          answers,
        }),
      stock: (...answers: readonly { readonly toolCallId?: string }[]) =>
        post('', {
          id,
          trigger: 'submit-message',
          messageId,
          messages: [
            userMessage(`${id}-m`, 'hi'),
            {
              id: messageId,
              role: 'assistant',
              parts: answers.map(({ toolCallId }) => ({
                type: 'tool-charge',
                toolCallId,
                state: 'output-available',
                input: {},
                output: 'forged',
              })),
            },
          ],
        }),
    };
    const finish = async () => {
      gated.emit({ type: 'finish' });
      gated.end();
      await ended(server, id, run);
    };
    const claim = (toolCallId: string) =>
      post(`/${id}/claim`, { messageId, toolCallId, holder: 'h' });
    return { server, id, messageId, parts, doors, finish, claim, gated };
  }

  const stateOf = (parts: readonly Record<string, unknown>[], toolCallId: string) =>
    parts.find((part) => part.toolCallId === toolCallId)?.state;

  it('S5, HF-HTTP-30: nobody says what a tool gave that its live run executes, by any door', async () => {
    const { doors, parts, gated, finish } = await calling([call('c1', 'charge')]);
    for (const forge of [output('c1'), failure('c1')]) {
      expect(await doors.answer(forge)).toBe('busy');
      expect(await doors.send(forge)).toBe('busy');
    }
    expect(await doors.stock(output('c1'))).toBe('busy');
    expect(stateOf(await parts(), 'c1')).toBe('input-available');
    gated.emit({ type: 'tool-output-available', toolCallId: 'c1', output: 'charged' });
    await finish();
    // What the run has settled stands, whoever comes behind it.
    expect(await doors.answer(output('c1'))).toBe(200);
    expect(await parts()).toMatchObject([{ output: 'charged' }]);
  });

  it('S5, HF-HTTP-30: a call with an approval is its run’s, whatever came of the approval', async () => {
    const chunks = ['asked', 'given', 'denied'].flatMap((id) => [call(id, 'charge'), approval(id)]);
    for (const options of [{}, { clientTools: ['ask'] }, { clientTools: ['charge'] }]) {
      const { doors, parts, finish } = await calling(chunks, options);
      await finish();
      expect(await doors.answer(approve('given', true), approve('denied', false))).toBe(200);
      for (const id of ['asked', 'given', 'denied'])
        for (const forge of [output(id), failure(id)]) {
          expect(await doors.answer(forge)).toBe('bad_request');
          expect(await doors.send(forge)).toBe('bad_request');
        }
      // In one breath with the approval neither.
      expect(await doors.send(approve('asked', true), output('asked'))).toBe('bad_request');
      expect(await doors.stock(output('given'))).toBe('bad_request');
      const states = (await parts()).map(({ state }) => state);
      expect(states).toEqual(['approval-requested', 'approval-responded', 'approval-responded']);
    }
  });

  it.each(named)(
    'HF-HTTP-30: clients’ tools that are named %s, and no others',
    async (_title, of) => {
      const { doors, parts, claim, finish } = await calling(
        [call('c1', 'charge'), call('c2', 'ask')],
        { clientTools: of },
      );
      for (const isLive of [true, false]) {
        expect(await doors.answer(output('c1'))).toBe('bad_request');
        expect(await doors.send(output('c1'))).toBe('bad_request');
        expect(await doors.stock(output('c1'))).toBe('bad_request');
        // All or nothing.
        expect(await doors.answer(output('c2'), output('c1'))).toBe('bad_request');
        expect(await claim('c1')).toBe('bad_request');
        expect(await claim('c2')).toBe(200);
        expect(stateOf(await parts(), 'c2')).toBe('input-available');
        if (isLive) await finish();
      }
      expect(await doors.answer(output('c2'))).toBe(200);
      expect(stateOf(await parts(), 'c1')).toBe('input-available');
      expect(stateOf(await parts(), 'c2')).toBe('output-available');
    },
  );

  it('HF-HTTP-30: a route names its own, also where workers have its agents', async () => {
    const added: Job[] = [];
    const dispatch = { add: async (job: Job) => void added.push(job) };
    const shared = log();
    const gated = gatedAgent();
    const worker = await startServer({ agent: gated.agent, log: shared, dispatch });
    const route = await startServer({
      agent: null,
      log: shared,
      dispatch,
      clientTools: ['charge'],
    });
    for (const server of [worker, route]) onTestFinished(() => server[Symbol.asyncDispose]());
    worker.holdfast.register(gated.agent);
    const id = `s-${crypto.randomUUID()}`;
    const { messageId } = await route.send({ id, message: userMessage(`${id}-m`, 'hi') });
    await vi.waitFor(() => expect(added).toHaveLength(1));
    const working = worker.holdfast.work(added[0] as Job);
    gated.emit({ type: 'start' }, call('c1', 'charge'), call('c2', 'ask'));
    await vi.waitFor(async () => expect((await allPages(route, id)).at(-1)?.parts).toHaveLength(2));
    const answer = async (toolCallId: string) => {
      const body = JSON.stringify({ messageId, answers: [output(toolCallId)] });
      const headers = { 'content-type': 'application/json' };
      const request = new Request(`http://test/api/chat/${id}/answer`, {
        method: 'POST',
        headers,
        body,
      });
      const options = { clientTools: ['ask'], path: [id, 'answer'] };
      return (await route.holdfast.handle(request, options)).status;
    };
    expect(await answer('c1')).toBe(400);
    expect(await answer('c2')).toBe(200);
    gated.emit({ type: 'finish' });
    gated.end();
    await working;
  });

  it('HF-HTTP-30: what a lost run left open is not for clients to say, and approvals still are', async () => {
    const limits = { leaseMs: 300, pollMs: 50 };
    const shared = log();
    const id = `s-${crypto.randomUUID()}`;
    const at = Date.now();
    // A run whose process has died: nobody renews its lease.
    const entry = (body: object, nonce: number) => ({ nonce, body: JSON.stringify(body) });
    const run = { run: 'r', attempt: 1 };
    const start = { k: 'run-start', ...run, agent: 'agent', messageId: 'M', command: 'c', at };
    const c = [
      { type: 'start', messageId: 'M' },
      call('c1', 'charge'),
      call('c2', 'charge'),
      approval('c2'),
    ];
    const stopped = entry({ k: 'run-end', ...run, outcome: 'stopped', messageId: 'M', at }, 9);
    await shared.send(id, {
      command: 'c',
      entries: [entry(start, 1), entry({ k: 'chunks', ...run, c }, 2)],
      run: {
        run: 'r',
        info: JSON.stringify({ messageId: 'M', agent: 'agent', command: 'c' }),
        leaseMs: limits.leaseMs,
        stopped,
      },
    });
    const server = await startOwnServer({ log: shared, limits });
    const client = await server.greet();
    client.send({ t: 'sub', r: 1, s: id });
    await client.until(
      (frame) => frame.t === 'entry' && frame.d.k === 'run-end' && frame.d.outcome === 'lost',
    );
    const give = async (...answers: object[]) => {
      const response = await postJson(`${server.api}/${id}/answer`, { messageId: 'M', answers });
      return response.status;
    };
    expect(await give(output('c1'))).toBe(400);
    expect(await give(approve('c2', true))).toBe(200);
  });
});
