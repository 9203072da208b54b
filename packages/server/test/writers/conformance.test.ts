import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HoldfastOptions, Job } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { type HttpWriter, ReferenceWriter, type WriterOptions } from '../support/http-writer.ts';
import { eachStore } from '../support/logs.ts';
import { lossyRoute } from '../support/lossy-route.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { PythonWriter } from '../support/python-writer.ts';
import { userMessage } from '../support/server.ts';
import { allPages, join, textOf } from '../support/talk.ts';

const languages: readonly (readonly [string, new (options: WriterOptions) => HttpWriter])[] = [
  ['JavaScript', ReferenceWriter],
  ['Python', PythonWriter],
];

const [start, ...rest] = answer('Hello');
const whole = [start, ...rest] as typeof rest;

describe.each(eachStore())('writers over HTTP, in %s', (_, makeLog) => {
  describe.each(languages)('in %s', (__, Writer) => {
    async function setUp(options: HoldfastOptions = {}) {
      const added: Job[] = [];
      const server = await startOwnServer({
        agent: null,
        log: makeLog(),
        writers: { authorize: ({ token }) => token === 'secret' },
        dispatch: { agents: ['planner'], add: async (job) => void added.push(job) },
        ...options,
      });
      const route = await lossyRoute(server.origin);
      const session = `s-${crypto.randomUUID()}`;
      const open = (more: Partial<WriterOptions> = { command: 'c1' }) => {
        const writer = new Writer({ api: route.api, session, ...more });
        onTestFinished(() => writer[Symbol.asyncDispose]());
        return writer;
      };
      const texts = async () => (await allPages(server, session)).map(textOf);
      const runs = async () => (await join(server, session)).runs ?? [];
      const shows = (text: string) =>
        vi.waitFor(async () => expect((await texts()).at(-1)).toBe(text));
      return { added, server, route, session, open, texts, runs, shows };
    }

    it('HF-WRT-2, HF-WRT-4, HF-WRT-7: begin a run, write it and end it, as one message', async () => {
      const { server, session, open, runs, shows } = await setUp();
      const client = await server.greet();
      client.send({ t: 'sub', r: 1, s: session });
      await client.next('live');
      const writer = open();
      const { run, messageId } = await writer.begin();
      const odd = { type: 'hologram', depth: [1, null], text: 'Grüße 👋' };
      await writer.write({ type: 'start', messageId: 'forged' }, odd, ...rest.slice(0, 4));
      await shows('Hel');
      expect(await runs()).toMatchObject([{ run, agent: 'planner', state: 'running' }]);
      await writer.write(...rest.slice(4));
      expect(await writer.end()).toBe('finished');
      await client.entry('run-end');
      const chunks = client.entries.flatMap(({ d }) => (d.k === 'chunks' ? d.c : []));
      expect(chunks).toEqual([{ type: 'start', messageId }, odd, ...rest]);
      expect(await allPages(server, session)).toMatchObject([
        {
          id: messageId,
          role: 'assistant',
          parts: [{ type: 'text', text: 'Hello', state: 'done' }],
        },
      ]);
      const again = open();
      await expect(again.begin()).rejects.toMatchObject({ name: 'Ended' });
    });

    it('HF-WRT-5: repeat what has no answer, and it is done once', async () => {
      const { route, open, texts, runs } = await setUp();
      const writer = open();
      route.lose('begin', 'answer', 'request', 'busy');
      route.lose('append', 'request', 'answer', 'answer', 'busy');
      route.lose('end', 'answer', 'request', 'busy');
      await writer.begin();
      await writer.write(...whole);
      expect(await writer.end()).toBe('finished');
      expect(await texts()).toEqual(['Hello']);
      expect(await runs()).toMatchObject([{ state: 'finished' }]);
      expect(route.came.filter((verb) => verb === 'end')).toHaveLength(4);
    });

    it('HF-WRT-5: send again from where the log has a gap', async () => {
      const { route, open, texts, shows } = await setUp();
      const writer = open();
      await writer.begin();
      await writer.write(...whole.slice(0, 3));
      await shows('H');
      const appends = () => route.came.filter((verb) => verb === 'append').length;
      const before = appends(); // one for all three chunks, or one more where the first went ahead
      route.lose('append', 'forged', 'forged');
      await writer.write(...whole.slice(3, 4));
      await vi.waitFor(() => expect(appends()).toBe(before + 1));
      await writer.write(...whole.slice(4, 5));
      await vi.waitFor(() => expect(appends()).toBe(before + 2));
      await writer.write(...whole.slice(5));
      expect(await writer.end()).toBe('finished');
      expect(await texts()).toEqual(['Hello']);
    });

    it('HF-WRT-5: also where the end finds it', async () => {
      const { route, open, texts } = await setUp();
      const writer = open();
      await writer.begin();
      route.lose('append', 'forged');
      await writer.write(...whole);
      expect(await writer.end()).toBe('finished');
      expect(await texts()).toEqual(['Hello']);
    });

    it('HF-WRT-6, HF-WRT-7: hear of a stop, and end what they leave open', async () => {
      const { server, session, open, runs, shows } = await setUp();
      const writer = open({ command: 'c1', leaseMs: 1_000 });
      const { run } = await writer.begin();
      await writer.write(...whole.slice(0, 3));
      await shows('H');
      expect(await writer.stopped()).toBe(false);
      await postJson(`${server.api}/${session}/cancel`, { run });
      await vi.waitFor(async () => expect(await writer.stopped()).toBe(true));
      expect(await writer.end('stopped')).toBe('stopped');
      expect(await runs()).toMatchObject([{ state: 'stopped' }]);
      expect(await allPages(server, session)).toMatchObject([
        { parts: [{ text: 'H', state: 'done' }] },
      ]);
    });

    it('HF-WRT-10: hear what was steered to their run, once', async () => {
      const { server, session, open, runs, shows } = await setUp();
      const writer = open({ command: 'c1', leaseMs: 1_000 });
      const { run } = await writer.begin();
      await writer.write(...whole.slice(0, 3));
      await shows('H');
      const message = userMessage('m2', 'In French!');
      await postJson(`${server.api}/${session}/steer`, { run, message });
      await vi.waitFor(async () => expect(await writer.steered()).toEqual([message]));
      await vi.waitFor(async () =>
        expect(await runs()).toMatchObject([{ steers: [{ id: 'm2', state: 'consumed' }] }]),
      );
      await writer.write(...whole.slice(3));
      expect(await writer.steered()).toEqual([]);
      expect(await writer.end()).toBe('finished');
    });

    it('HF-WRT-7: fail with words for users', async () => {
      const { server, session, open } = await setUp();
      const client = await server.greet();
      client.send({ t: 'sub', r: 1, s: session });
      await client.next('live');
      const writer = open();
      await writer.begin();
      await writer.write(...whole.slice(0, 3));
      expect(await writer.end('failed', 'no_tokens', 'No tokens left.')).toBe('failed');
      const { d } = await client.entry('run-end');
      expect(d).toMatchObject({ outcome: 'failed', reason: 'no_tokens' });
      const chunks = client.entries.flatMap((entry) => (entry.d.k === 'chunks' ? entry.d.c : []));
      expect(chunks.slice(-2)).toEqual([
        { type: 'text-end', id: 't' },
        { type: 'error', errorText: 'No tokens left.' },
      ]);
    });

    it('HF-WRT-2: that are killed leave a run that another one takes, and writes anew', async () => {
      const { open, texts, runs, shows } = await setUp();
      const first = open({ command: 'c1', leaseMs: 60_000 });
      await first.begin();
      await first.write(...whole.slice(0, 4));
      await shows('He');
      await first.kill();
      const second = open();
      expect(await second.begin()).toMatchObject({ attempt: 2, messages: [] });
      await second.write(...whole);
      expect(await second.end()).toBe('finished');
      expect(await texts()).toEqual(['Hello']);
      expect(await runs()).toMatchObject([{ state: 'finished' }]);
    });

    it('HF-WRT-6: that are killed, and that nobody takes over from, leave a lost run', async () => {
      const { server, session, open, shows } = await setUp();
      const writer = open({ command: 'c1', leaseMs: 1_000 });
      await writer.begin();
      await writer.write(...whole.slice(0, 4));
      await shows('He');
      const client = await server.greet();
      client.send({ t: 'sub', r: 1, s: session });
      await client.next('live');
      await writer.kill();
      expect((await client.entry('run-end')).d).toMatchObject({ outcome: 'lost' });
      await expect(open().begin()).rejects.toMatchObject({ name: 'Ended' });
    });

    it('HF-WRT-2: that were taken over from are told so, and nothing of theirs stays', async () => {
      const { open, texts, shows } = await setUp();
      const first = open();
      await first.begin();
      await first.write(...whole.slice(0, 4));
      await shows('He');
      const second = open();
      await second.begin();
      await second.write(...whole.slice(0, 3));
      await shows('H');
      await expect(
        (async () => {
          await first.write({ type: 'text-delta', id: 't', delta: 'stale' });
          await first.end();
        })(),
      ).rejects.toMatchObject({ name: 'Superseded' });
      await second.write(...whole.slice(3));
      expect(await second.end()).toBe('finished');
      expect(await texts()).toEqual(['Hello']);
    });

    it('HF-WRT-3: take the run that a user has asked for, once', async () => {
      const { added, server, session, open, texts } = await setUp();
      const message = userMessage('m1', 'Hi');
      const more = { to: 'planner', body: { model: 'b' }, metadata: { a: 1 } };
      const { run, messageId } = await server.send({ id: session, message, ...more });
      const [job] = added as [Job];
      expect(job).toMatchObject({ run, attempt: 1, agent: 'planner' });
      const writer = open({ job });
      expect(await writer.begin()).toMatchObject({
        run,
        messageId,
        messages: [message],
        trigger: 'submit-message',
        participant: { id: 'user-1' },
        body: { model: 'b' },
        metadata: { a: 1 },
      });
      await expect(open({ job }).begin()).rejects.toMatchObject({ name: 'Superseded' });
      await writer.write(...whole);
      expect(await writer.end()).toBe('finished');
      expect(await texts()).toEqual(['Hi', 'Hello']);
    });

    it('HF-WRT-1: without the right to are refused at once', async () => {
      const { route, open, runs } = await setUp();
      await expect(open({ command: 'c1', token: 'forged' }).begin()).rejects.toMatchObject({
        name: 'Refused',
      });
      expect(route.came).toEqual(['begin']);
      expect(await runs()).toEqual([]);
    });
  });
});
