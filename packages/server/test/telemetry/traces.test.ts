import { createMemoryLog } from '@holdfast/log';
import type { Entry } from '@holdfast/protocol';
import { say, scriptedModel } from '@holdfast/testkit/scripted-model';
import { trace } from '@opentelemetry/api';
import { convertToModelMessages, streamText } from 'ai';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type Agent, createHoldfast, type Job } from '../../src/index.ts';
import { collect } from '../support/collector.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { setUp, words } from '../support/said-by-writer.ts';
import { userMessage } from '../support/server.ts';
import { join } from '../support/talk.ts';

type Start = Extract<Entry, { k: 'run-start' }>;

/** Starts of runs that a log is given from now on. */
async function startsIn(log: ReturnType<typeof createMemoryLog>, session: string) {
  const starts: Start[] = [];
  const stop = await log.subscribe(session, (delivery) => {
    if (delivery.kind !== 'entry' || delivery.body === null) return;
    const entry = JSON.parse(delivery.body) as Entry;
    if (entry.k === 'run-start') starts.push(entry);
  });
  onTestFinished(stop);
  return starts;
}

it('HF-TEL-1: a run, its agent and its chunks are in the trace of its send, which its start names', async () => {
  const collector = collect();
  const seen: (string | undefined)[] = [];
  const see = () => seen.push(trace.getActiveSpan()?.spanContext().spanId);
  const log = createMemoryLog();
  const starts = await startsIn(log, 's');
  const server = await startOwnServer({
    log,
    agent: async function* () {
      see();
      yield { type: 'start' as const };
      await new Promise((resolve) => setImmediate(resolve));
      see();
      trace.getTracer('theirs').startSpan('ai.streamText').end();
    },
  });
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  await vi.waitFor(() => expect(collector.spans('holdfast.run')).toHaveLength(1));
  const [send, run, theirs] = ['holdfast.send', 'holdfast.run', 'ai.streamText'].map((name) => {
    const [span] = collector.spans(name);
    if (!span) throw new Error(`there is no span ${name}`);
    return span;
  });
  const { traceId, spanId } = send?.spanContext() ?? {};
  expect(starts[0]?.traceparent).toBe(`00-${traceId}-${spanId}-01`);
  expect(run?.parentSpanContext?.spanId).toBe(spanId);
  expect(theirs?.parentSpanContext?.spanId).toBe(run?.spanContext().spanId);
  for (const span of [run, theirs]) expect(span?.spanContext().traceId).toBe(traceId);
  expect(seen).toEqual([run?.spanContext().spanId, run?.spanContext().spanId]);
  expect(run?.attributes).toMatchObject({
    'holdfast.session': 's',
    'holdfast.agent': 'agent',
    'holdfast.attempt': 1,
    'holdfast.outcome': 'finished',
  });
});

it('HF-TEL-1: who joins later has the trace of the runs, too, and those of another attempt', async () => {
  const collector = collect();
  const { session, server, begin, ask } = await setUp();
  await begin();
  const { named } = await begin('h2');
  await ask('append', { ...named, seq: 1, chunks: words('Hi') });
  const [{ traceId, spanId } = { traceId: '', spanId: '' }] = collector
    .spans('holdfast.send')
    .map((span) => span.spanContext());
  const traced = [{ attempt: 2, traceparent: `00-${traceId}-${spanId}-01` }];
  expect((await join(server, session)).runs).toMatchObject(traced);
  // As it is read anew from the log, once it is stored.
  await ask('end', { ...named, seq: 2, outcome: 'finished' });
  await server.holdfast.session(session).messages();
  expect((await server.holdfast.session(session).state()).runs).toMatchObject(traced);
  expect((await join(server, session)).runs).toMatchObject(traced);
});

it('HF-TEL-1: a send goes on with the trace of its request, where the host has begun none', async () => {
  const collector = collect();
  const server = await startOwnServer();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const body = {
    id: 's',
    command: 'c',
    trigger: 'submit-message',
    message: userMessage('m', 'Hi'),
  };
  await server.post(body, {
    headers: {
      'content-type': 'application/json',
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
  });
  await vi.waitFor(() => expect(collector.spans('holdfast.run')).toHaveLength(1));
  for (const span of collector.spans()) expect(span.spanContext().traceId).toBe(traceId);
});

it('HF-TEL-1: a send that waited runs in the trace of who sent it', async () => {
  const collector = collect();
  const gated = gatedAgent();
  const server = await startOwnServer({ agent: gated.agent, whileBusy: 'queue' });
  for (const id of ['m1', 'm2']) await server.send({ id: 's', message: userMessage(id, 'Hi') });
  gated.end();
  await vi.waitFor(() => expect(gated.calls).toHaveLength(2));
  gated.end();
  await vi.waitFor(() => expect(collector.spans('holdfast.run')).toHaveLength(2));
  const traces = (name: string) => collector.spans(name).map((span) => span.spanContext().traceId);
  expect(traces('holdfast.run')).toEqual(traces('holdfast.send'));
  expect(traces('holdfast.dequeue')).toEqual(traces('holdfast.send').slice(1));
});

it('HF-TEL-1: the AI SDK’s own telemetry is part of the run, and its model is called in that trace', async () => {
  const collector = collect();
  const active: unknown[] = [];
  const model = scriptedModel({
    script: () => {
      active.push(trace.getActiveSpan()?.spanContext().traceId);
      return [say(['Hello'])];
    },
  });
  const agent: Agent = async ({ messages }) =>
    streamText({
      model,
      messages: await convertToModelMessages(messages),
      experimental_telemetry: { isEnabled: true },
    });
  const server = await startOwnServer({ agent });
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  await vi.waitFor(() => expect(collector.spans('holdfast.run')).toHaveLength(1));
  const run = collector.spans('holdfast.run')[0]?.spanContext();
  expect(active).toEqual([run?.traceId]);
  // From 7 on the SDK traces by integrations, which an application registers.
  const theirs = collector.spans('ai.streamText').map((span) => span.parentSpanContext?.spanId);
  expect(theirs).toEqual(process.env.AI_SDK === '6' ? [run?.spanId] : []);
});

it('HF-TEL-1: a worker, and a client that comes later, join the trace of the run', async () => {
  const collector = collect();
  const log = createMemoryLog();
  const jobs: Job[] = [];
  const route = await startOwnServer({
    log,
    agent: null,
    dispatch: { add: async (job) => void jobs.push(job) },
  });
  await route.send({ id: 's', message: userMessage('m', 'Hi') });
  const gated = gatedAgent();
  const worker = createHoldfast({ log, dispatch: { add: async () => {} } });
  onTestFinished(() => worker.close({ runsMs: 0 }));
  worker.register(gated.agent);
  const [job] = jobs;
  if (!job) throw new Error('no job was added');
  const done = worker.work(job);
  await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
  const client = await route.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.next('live');
  gated.end();
  await done;
  const [send] = collector.spans('holdfast.send');
  const [run] = collector.spans('holdfast.run');
  expect(run?.parentSpanContext).toMatchObject({ ...ids(send), isRemote: true });
  await vi.waitFor(() => expect(collector.spans('holdfast.subscribe')).toHaveLength(1));
  const [subscribe] = collector.spans('holdfast.subscribe');
  expect(subscribe?.links.map((link) => link.context)).toMatchObject([ids(send)]);
});

const ids = (span: ReturnType<ReturnType<typeof collect>['spans']>[number] | undefined) => {
  const { traceId, spanId } = span?.spanContext() ?? { traceId: '', spanId: '' };
  return { traceId, spanId };
};

it('HF-TEL-1: without a tracer a start names no trace, and who joins has the log asked for none', async () => {
  const log = createMemoryLog();
  const starts = await startsIn(log, 's');
  const gated = gatedAgent();
  const limits = { pollMs: 600_000 };
  const server = await startOwnServer({ log, agent: gated.agent, limits });
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  await vi.waitFor(() => expect(starts).toHaveLength(1));
  expect(starts[0]).not.toHaveProperty('traceparent');
  const head = vi.spyOn(log, 'head');
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.next('live');
  expect(head).not.toHaveBeenCalled();
  gated.end();
});

it('HF-TEL-2: a fault is told by its code, and not by its words', async () => {
  const collector = collect();
  const agent = () => {
    throw new Error('the secret of the agent');
  };
  const server = await startOwnServer({
    agent,
    authorize: ({ token }) => (token ? null : { id: 'u' }),
  });
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  await vi.waitFor(() => expect(collector.spans('holdfast.run')).toHaveLength(1));
  const [run] = collector.spans('holdfast.run');
  expect(run?.attributes).toMatchObject({ 'error.type': 'failed', 'holdfast.outcome': 'failed' });
  const refused = { id: 's', command: 'c2', message: userMessage('m', 'other words') };
  await expect(server.send(refused)).rejects.toThrow(/409|400/);
  const send = collector.spans('holdfast.send').at(-1);
  expect(send?.attributes['error.type']).toMatch(/^(conflict|bad_request)$/);
  expect(send?.status).toEqual({ code: 2 });
  expect(await collector.everything()).not.toMatch(/secret|other words|Hi"/);
});
