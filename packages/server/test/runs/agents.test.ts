import { once } from 'node:events';
import type { Writer } from '@holdfast/protocol';
import type { UIMessage, UIMessageChunk } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import { type Agent, type SessionRun, viewOf } from '../../src/index.ts';
import { answer, saying } from '../support/gated-agent.ts';
import { eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import type { TestServer } from '../support/server.ts';
import { allPages, echo, join, say, textOf } from '../support/talk.ts';

/** Says a word and works until it is stopped. */
const working: Agent = ({ signal }) =>
  (async function* (): AsyncGenerator<UIMessageChunk> {
    yield* answer('at it').slice(0, 4);
    if (!signal.aborted) await once(signal, 'abort');
  })();

describe.each(eachStore())('several agents in a session, in %s', (_, log) => {
  async function serve() {
    const shared = log();
    const start = async () => {
      return await startOwnServer({ agent: echo, log: shared });
    };
    const [one, two] = [await start(), await start()];
    const id = `s-${crypto.randomUUID()}`;
    const run = (server: TestServer, name: string, agent: Agent, more: object = {}) =>
      server.holdfast.session(id).run({ agent: name, ...more }, agent);
    const runs = async () => (await join(one, id)).runs ?? [];
    const live = (name: string) =>
      vi.waitFor(async () => {
        const found = (await runs()).find(
          ({ agent, state }) => agent === name && state === 'running',
        );
        if (!found) throw new Error(`${name} does not run`);
        return found;
      });
    const stop = (run: string) => postJson(`${two.api}/${id}/cancel`, { run });
    return { one, two, id, run, runs, live, stop };
  }

  it('agents of any process write at once, each its own message under its own name', async () => {
    const { one, two, id, run } = await serve();
    await say(one, id, 'hello');
    const names = ['writer', 'critic', 'editor', 'reader'];
    const done = await Promise.all(
      names.map((name, at) => run(at % 2 ? one : two, name, saying(`by ${name}`))),
    );
    expect(done.map(({ state }) => state)).toEqual(names.map(() => 'finished'));
    const messages = await allPages(two, id);
    const { authors } = await one.holdfast.session(id).state();
    expect(messages).toHaveLength(2 + names.length);
    for (const [at, { messageId }] of done.entries()) {
      const message = messages.find((each) => each.id === messageId);
      expect(message?.role).toBe('assistant');
      expect(authors[messageId]).toEqual({ id: names[at], role: 'agent' });
      expect(message && textOf(message)).toBe(`by ${names[at]}`);
    }
    for (const message of messages) expect(message).not.toHaveProperty('metadata');
  });

  it('the same command is one run, whichever process asks', async () => {
    const { one, two, run, id } = await serve();
    let started = 0;
    const agent: Agent = (context) => {
      started++;
      return saying('once')(context);
    };
    const all = await Promise.all(
      [one, two, one].map((server) => run(server, 'writer', agent, { command: 'the one' })),
    );
    expect(new Set(all.map((each: SessionRun) => each.run)).size).toBe(1);
    expect(started).toBe(1);
    expect(await allPages(one, id)).toHaveLength(1);
  });

  it('HF-RUN-24: a stop of a run stops those that work on its behalf, and no others', async () => {
    const { one, two, run, live, stop, runs } = await serve();
    const parent = run(one, 'planner', working);
    const planner = await live('planner');
    const child = run(two, 'searcher', working, { parent: planner.run });
    const searcher = await live('searcher');
    expect(searcher.parent).toBe(planner.run);
    const grandchild = run(one, 'reader', working, { parent: searcher.run });
    await live('reader');
    const other = run(two, 'bystander', working);
    const bystander = await live('bystander');
    await stop(planner.run);
    for (const each of [parent, child, grandchild])
      expect(await each).toMatchObject({ state: 'stopped' });
    expect((await runs()).find((each) => each.run === bystander.run)?.state).toBe('running');
    await stop(bystander.run);
    expect(await other).toMatchObject({ state: 'stopped' });
  });

  it('HF-RUN-24: the message of a child names that of its parent, also when both have ended', async () => {
    const { two, id, run, live } = await serve();
    const gate = Promise.withResolvers<void>();
    const patient: Agent = () =>
      (async function* () {
        yield* answer('planned').slice(0, 3);
        await gate.promise;
      })();
    const planning = run(two, 'planner', patient);
    const planner = await live('planner');
    const child = await run(two, 'searcher', saying('found'), { parent: planner.run });
    gate.resolve();
    await planning;
    await say(two, id, 'thanks');
    const { messages, authors } = await two.holdfast.session(id).state();
    expect(authors[child.messageId]).toEqual({
      id: 'searcher',
      role: 'agent',
      parent: planner.messageId,
    });
    expect(authors[planner.messageId]).toEqual({ id: 'planner', role: 'agent' });
    for (const message of messages) expect(message.metadata).toBeUndefined();
  });

  it('HF-RUN-24: a child of a parent that has ended, or never was, is refused and leaves nothing', async () => {
    const { one, two, id, run } = await serve();
    const { run: parent } = await run(one, 'planner', saying('done'));
    const before = await allPages(one, id);
    for (const none of [parent, 'nobody'])
      await expect(run(two, 'searcher', saying('late'), { parent: none })).rejects.toMatchObject({
        code: 'conflict',
      });
    expect(await allPages(one, id)).toEqual(before);
  });

  it('HF-LOG-32: a run whose session is deleted is stopped and writes no more, and has no children', async () => {
    const { one, two, id, run, live } = await serve();
    const done = run(one, 'planner', working);
    const planner = await live('planner');
    await two.holdfast.session(id).delete();
    expect(await done).toMatchObject({ run: planner.run, state: 'lost' });
    await expect(
      run(two, 'searcher', saying('late'), { parent: planner.run }),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(await allPages(two, id)).toEqual([]);
    await run(two, 'writer', saying('anew'));
    expect((await allPages(one, id)).map(textOf)).toEqual(['anew']);
  });

  it('HF-RUN-24: a child that comes while its parent is being stopped is stopped too', async () => {
    const { one, two, run, live, stop } = await serve();
    const parent = run(one, 'planner', working);
    const planner = await live('planner');
    const [child] = await Promise.allSettled([
      run(two, 'searcher', working, { parent: planner.run }),
      stop(planner.run),
    ]);
    expect(await parent).toMatchObject({ state: 'stopped' });
    if (child?.status === 'fulfilled') expect(child.value.state).toBe('stopped');
    else expect(child?.reason).toMatchObject({ code: 'conflict' });
  });

  it('a run that fails tells so, and a name that is none is refused', async () => {
    const { one, run } = await serve();
    const failing: Agent = () => {
      throw new Error('no');
    };
    expect(await run(one, 'writer', failing)).toMatchObject({ state: 'failed' });
    await expect(run(one, '', saying('x'))).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('each agent sees its own words as its own, and those of others with their names', async () => {
    const { one, run } = await serve();
    await run(one, 'writer', saying('A draft.'));
    await run(one, 'critic', saying('Too short.'));
    const seen: string[][] = [];
    const looking: Agent = ({ messages, agentName, authorOf }) => {
      const view = viewOf(messages, agentName, authorOf);
      seen.push(view.map((message) => `${message.role}: ${textOf(message as never)}`));
      return saying('Longer.')({} as never);
    };
    await run(one, 'writer', looking);
    expect(seen).toEqual([['assistant: A draft.', 'user: ⟦critic⟧ Too short.']]);
  });
});

it('a view leaves alone what nobody else wrote, and quotes operators', () => {
  const message = (role: 'user' | 'assistant', text: string) =>
    ({ id: text, role, parts: [{ type: 'text', text }] }) as UIMessage;
  const authors: Readonly<Record<string, Writer>> = {
    '': { id: 'other', role: 'agent' },
    'Hello.': { id: 'ann', role: 'operator' },
  };
  const authorOf = (id: string) => authors[id];
  const plain = [message('user', 'hi'), message('assistant', 'ho')];
  expect(viewOf(plain, 'writer', authorOf)).toBe(plain);
  const others = [message('assistant', ''), message('assistant', 'Hello.')];
  const view = viewOf([...plain, ...others], 'writer', authorOf);
  expect(view.map(({ role, parts }) => [role, parts])).toEqual([
    ['user', [{ type: 'text', text: 'hi' }]],
    ['assistant', [{ type: 'text', text: 'ho' }]],
    ['user', [{ type: 'text', text: '⟦ann⟧ Hello.' }]],
  ]);
});
