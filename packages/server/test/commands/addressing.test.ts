import type { Message } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import type { Agent, AgentContext, HoldfastOptions } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, ended, say, textOf } from '../support/talk.ts';

/** Agents that sign what they say; `ask` of the `critic` calls a tool of the client. */
function panel(...names: readonly string[]) {
  const given: AgentContext[] = [];
  const made = names.map((name): [string, Agent] => [
    name,
    (context) => {
      given.push(context);
      const last = context.messages.at(-1) as unknown as Message;
      return (async function* () {
        if (textOf(last) === 'ask') {
          yield { type: 'start' as const };
          yield {
            type: 'tool-input-available' as const,
            toolCallId: 'c',
            toolName: 'ask',
            input: {},
          };
          yield { type: 'finish' as const };
        } else yield* answer(name);
      })();
    },
  ]);
  return { agents: Object.fromEntries(made), given };
}

async function serve(agent: Agent | Record<string, Agent>, options: HoldfastOptions = {}) {
  return await startOwnServer({ agent, ...options });
}

const told = async (server: TestServer) => (await allPages(server, 's')).map(textOf);

const post = (server: TestServer, more: object) =>
  server.post({
    id: 's',
    command: 'x',
    trigger: 'submit-message',
    message: userMessage('x', 'x'),
    ...more,
  });

it('HF-HTTP-20: a message goes to the agent that it names, and else to the main one', async () => {
  const { agents, given } = panel('agent', 'critic');
  const server = await serve(agents);
  await say(server, 's', 'hi');
  await say(server, 's', 'you', { to: 'critic' });
  await say(server, 's', 'you again', { body: { to: 'critic' } });
  expect(await told(server)).toEqual(['hi', 'agent', 'you', 'critic', 'you again', 'critic']);
  expect(given.map(({ agentName }) => agentName)).toEqual(['agent', 'critic', 'critic']);
});

it.each([
  ['that there is not', { to: 'nobody' }, 'name one that there is'],
  ['that no object has by itself', { to: 'constructor' }, 'name one that there is'],
  ['where none is the main one', {}, 'name the agent that is meant'],
  ['that is no name', { to: 7 }, '`to` must be the name'],
])(
  'HF-HTTP-20: a message for an agent %s is refused, and nothing is written',
  async (_, more, text) => {
    const { agents, given } = panel('writer', 'critic');
    const server = await serve(agents);
    const response = await post(server, more);
    expect(response.status).toBe(400);
    const words = await response.text();
    expect(words).toContain(text);
    // Who else there is, is the application's to tell.
    expect(words).not.toContain('critic');
    expect(await told(server)).toEqual([]);
    expect(given).toEqual([]);
  },
);

it('HF-HTTP-20: a route with one agent has nobody else to name', async () => {
  const { agents } = panel('agent');
  const server = await serve(agents.agent as Agent);
  await say(server, 's', 'hi', { body: { to: 'somebody' } });
  expect(await told(server)).toEqual(['hi', 'agent']);
});

it('HF-HTTP-20: what is asked for again is asked of who wrote it, also when it is stored', async () => {
  const { agents } = panel('agent', 'critic');
  const server = await serve(agents);
  await say(server, 's', 'hi', { to: 'critic' });
  const again = async (more: object = {}) => {
    const [first] = await allPages(server, 's');
    const sent = await server.send({
      id: 's',
      trigger: 'regenerate-message',
      after: first?.id ?? null,
      ...more,
    });
    await ended(server, 's', sent.run);
    return (await told(server)).at(-1);
  };
  expect(await again()).toBe('critic');
  await say(server, 's', 'and you');
  expect(await again()).toBe('critic');
  expect(await again({ to: 'agent' })).toBe('agent');
});

it('HF-HTTP-20: a tool’s output goes to who called the tool', async () => {
  const { agents, given } = panel('agent', 'critic');
  const server = await serve(agents);
  const { messageId } = await say(server, 's', 'ask', { to: 'critic' });
  const sent = await server.send({
    id: 's',
    continues: messageId,
    answers: [{ type: 'tool-output-available', toolCallId: 'c', output: 'yes' }],
  });
  await ended(server, 's', sent.run);
  expect(given.map(({ agentName }) => agentName)).toEqual(['critic', 'critic']);
});

it('HF-HTTP-20: a message that waits in the queue is for who was named', async () => {
  const { agents, given } = panel('agent', 'critic');
  const gate = Promise.withResolvers<void>();
  const slow: Agent = () =>
    (async function* () {
      yield* answer('slow').slice(0, 4);
      await gate.promise;
    })();
  const server = await serve({ ...agents, slow }, { whileBusy: 'queue' });
  const { run } = await server.send({ id: 's', message: userMessage('m', 'm'), to: 'slow' });
  const queued = await post(server, { to: 'critic' });
  expect(await queued.json()).toMatchObject({ state: 'queued' });
  expect((await post(server, { command: 'y', to: 'nobody' })).status).toBe(400);
  gate.resolve();
  await ended(server, 's', run);
  await vi.waitFor(() => expect(given.map(({ agentName }) => agentName)).toEqual(['critic']));
});

it('HF-HTTP-20: workers are named by the names that the dispatch tells', async () => {
  const jobs: { agent: string }[] = [];
  const dispatch = {
    agents: ['agent', 'critic'],
    add: async (job: { agent: string }) => void jobs.push(job),
  };
  const server = await startOwnServer({ agent: null, dispatch });
  await post(server, { to: 'critic' });
  expect(jobs).toMatchObject([{ agent: 'critic' }]);
  expect(
    (await post(server, { command: 'y', message: userMessage('y', 'y'), to: 'z' })).status,
  ).toBe(400);
});
