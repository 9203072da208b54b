import { describe, expect, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer, saying } from '../support/gated-agent.ts';
import { changed, eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { allPages, ended, say, textOf } from '../support/talk.ts';

const badNames = [
  '',
  'a'.repeat(257),
  '__proto__',
  'lone \ud800',
  '\udc00 half',
  'line\nbreak',
  'nul\0',
  '\u0001queue m',
  'c1\u0085',
  7,
  null,
  ['m'],
] as const;

const stock = { trigger: 'submit-message' };
const post = (body: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

describe.each(eachStore())('names from outside, in %s', (_, log) => {
  async function serve(agent: Agent = saying('Well.'), on = log()) {
    const server = await startOwnServer({
      agent,
      log: on,
      whileBusy: ({ asked = 'parallel' }) => asked,
    });
    const id = `s-${crypto.randomUUID()}`;
    const ask = async (path: string, body: unknown) => {
      const response = await fetch(`${server.api}${path}`, post(body));
      const value = (await response.json()) as { error?: { code: string } };
      return value.error?.code ?? response.status;
    };
    return { server, id, ask };
  }

  it('HF-HTTP-10: a name that is none is refused wherever it comes, and nothing is written', async () => {
    const { server, id, ask } = await serve();
    const message = userMessage('m', 'hi');
    const part = { type: 'tool-output-available', toolCallId: 'c', output: 1 };
    for (const name of badNames) {
      const bodies: (readonly [string, object])[] = [
        ['', { id, ...stock, command: name, message }],
        ['', { id, ...stock, command: 'c', message: { ...message, id: name } }],
        ['', { id, ...stock, command: 'c', continues: name ?? 1 }],
        ['', { id, ...stock, command: 'c', message, base: name ?? 1 }],
        ['', { id, ...stock, command: 'c', message, to: name ?? 1 }],
        ['', { id, ...stock, messages: [{ ...message, id: name }] }],
        [`/${id}/cancel`, { run: name }],
        [`/${id}/cancel`, { command: name }],
        [`/${id}/steer`, { message: { ...message, id: name } }],
        [`/${id}/steer`, { message, run: name }],
        [`/${id}/answer`, { messageId: name, answers: [part] }],
        [`/${id}/claim`, { messageId: name, toolCallId: 'c', holder: 'h' }],
        [`/${id}/claim`, { messageId: 'M', toolCallId: name, holder: 'h' }],
        [`/${id}/claim`, { messageId: 'M', toolCallId: 'c', holder: name }],
        [`/${id}/queue`, { order: [name] }],
        [`/${id}/queue`, { remove: [name] }],
      ];
      if (name !== null)
        bodies.push(
          ['', { id, ...stock, command: 'c', message, after: name }],
          ['', { id, ...stock, command: 'c', message, expect: name }],
          ['', { id, ...stock, messages: [message], messageId: name }],
        );
      for (const [path, body] of bodies)
        expect([path, body, await ask(path, body)]).toEqual([path, body, 'bad_request']);
    }
    expect(await allPages(server, id)).toEqual([]);
    expect(server.errors).toEqual([]);
  });

  it('HF-HTTP-10: a frame with such a name closes the socket as a bad one', async () => {
    const { server, id } = await serve();
    for (const name of badNames.filter((each) => typeof each === 'string')) {
      const client = await server.greet();
      client.send({ t: 'cancel', r: 1, s: id, command: name });
      expect((await client.closed).code).toBe(4400);
    }
  });

  it('HF-HTTP-10: names of 256 characters, of any script, are names', async () => {
    const { server, id } = await serve();
    for (const name of [
      'a'.repeat(256),
      '名前',
      '🎉 party',
      'constructor',
      'toString',
      'step r s',
    ]) {
      const { run } = await server.send({ id, command: name, message: userMessage(name, 'hi') });
      await ended(server, id, run);
    }
    expect(await allPages(server, id)).toHaveLength(12);
  });

  it('HF-HTTP-10: a member `__proto__` is refused, however deep and however it is written', async () => {
    const { server, id, ask } = await serve();
    const parts = '[{"type":"text","text":"__proto__ in a text is a text"}]';
    const body = (member: string, rest = '') =>
      `{"id":"${id}","command":"c","trigger":"submit-message","message":{"id":"m","role":"user","parts":${parts}${member}}${rest}}`;
    for (const bad of [
      body(',"__proto__":{"role":"assistant"}'),
      body(',"metadata":{"a":[{"__proto__":1}]}'),
      body(',"metadata":{"\\u005f_proto__":1}'),
      body(',"metadata":{"\\u005F\\u005fproto__":1}'),
      body('', ',"__proto__":{"to":"x"}'),
      body('', ',"body":{"__proto__":{}}'),
    ])
      expect([bad, await ask('', bad)]).toEqual([bad, 'bad_request']);
    expect(await allPages(server, id)).toEqual([]);
    expect(await ask('', body(''))).toBe(200);
    expect(({} as Record<string, unknown>).role).toBeUndefined();
  });

  it('HF-HTTP-10: no command of a client is one of the server’s, whatever it is called', async () => {
    let step = '';
    const begun = Promise.withResolvers<string>();
    const taken = Promise.withResolvers<void>();
    const commands = new Set<string>();
    const shared = log();
    const watched = changed(shared, {
      send: (session, command) => {
        commands.add(command.command);
        return shared.send(session, command);
      },
    });
    const agent: Agent = (context) =>
      (async function* () {
        const text = textOf(context.messages.at(-1) as never);
        if (text === 'work') {
          begun.resolve(context.runId);
          await taken.promise;
          step = await context.step('charge', () => 'charged');
        }
        yield* answer(`re: ${text}`);
      })();
    const { server, id, ask } = await serve(agent, watched);
    const working = await server.send({ id, message: userMessage('work', 'work') });
    const run = await begun.promise;
    // All that the server names by itself, taken by a client before it does.
    const guesses = [
      `step ${run} charge`,
      'queue q1',
      'steer s1',
      'run nightly',
      'nightly',
      `answer ${working.messageId}`,
      'handoff 1',
      'order 1',
      `expired ${working.messageId}`,
      `noticed ${run} 2`,
    ];
    for (const [at, command] of guesses.entries())
      for (const prefix of ['', '\u0001']) {
        const message = userMessage(`g${at}`, command);
        const sent = { id, ...stock, command: prefix + command, message, wake: false };
        expect(await ask('', sent)).toBe(prefix === '' ? 200 : 'bad_request');
      }
    const queued = { id, ...stock, command: 'q1', message: userMessage('q1', 'queued') };
    expect(await ask('', { ...queued, whileBusy: 'queue' })).toBe(200);
    expect(await ask(`/${id}/steer`, { message: userMessage('s1', 'steered') })).toBe(200);
    // A stop that comes before its command reaches no run of the server either.
    for (const command of guesses) await ask(`/${id}/cancel`, { command });
    const nightly = await server.holdfast
      .session(id)
      .run({ agent: 'writer', command: 'nightly' }, saying('Good night.'));
    expect(nightly.state).toBe('finished');
    taken.resolve();
    await ended(server, id, working.run);
    expect(step).toBe('charged');
    await vi.waitFor(async () => {
      const texts = (await allPages(server, id)).map(textOf);
      expect(texts).toContain('Good night.');
      expect(texts).toContain('re: queued');
    });
    const own = [...commands].filter((command) => command.startsWith('\u0001'));
    expect(own.map((command) => command.slice(1).split(' ')[0])).toEqual(
      expect.arrayContaining(['step', 'queue', 'steer', 'run']),
    );
  });

  it('S8: a send that is replayed writes and runs nothing again, with the same or other words', async () => {
    let asked = 0;
    const agent: Agent = () => {
      asked++;
      return saying('Well.')({} as never);
    };
    const { server, id, ask } = await serve(agent);
    const { run } = await say(server, id, 'pay 10', { command: 'c' });
    const captured = { id, ...stock, command: 'c' };
    const [message] = await allPages(server, id);
    const before = await allPages(server, id);
    const again = (await (await server.post({ ...captured, message })).json()) as { run: string };
    expect(again.run).toBe(run);
    const forged = userMessage(message?.id ?? '', 'pay 10,000');
    expect(await ask('', { ...captured, message: forged })).toBe('conflict');
    expect(await ask('', { ...captured, command: 'd', message })).toBe('conflict');
    // In another session it is another send, and reaches nothing of this one.
    expect(await ask('', { ...captured, id: `${id}-other`, message })).toBe(200);
    expect(await allPages(server, id)).toEqual(before);
    expect(asked).toBe(2);
  });
});
