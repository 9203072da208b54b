import { createMemoryLog } from '@holdfast/log';
import { type Chunk, defaultLimits, type Message } from '@holdfast/protocol';
import type { UIMessage, UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { validChunks } from '../../../protocol/test/support/valid-chunks.ts';
import type { Agent } from '../../src/index.ts';
import { foldMessage } from '../../src/session/fold-message.ts';
import { revived } from '../../src/session/revive.ts';
import { answer } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServerOptions, userMessage } from '../support/server.ts';
import { allPages, ended, say } from '../support/talk.ts';

const question = userMessage('u1', 'Where am I?') as unknown as UIMessage;
const reply = (...parts: object[]): UIMessage => ({
  id: 'a1',
  role: 'assistant',
  parts: [{ type: 'step-start' }, ...parts] as UIMessage['parts'],
});
const call = { type: 'tool-ask', toolCallId: 'c1', state: 'input-available', input: { q: 1 } };
const asked = {
  ...call,
  toolCallId: 'c2',
  state: 'approval-requested',
  approval: { id: 'p2' },
};

async function serve(options: TestServerOptions = {}) {
  const prompts: UIMessage[][] = [];
  const agent: Agent = ({ messages }) => {
    prompts.push(messages);
    return (async function* () {
      yield* answer('Well.');
    })();
  };
  const server = await startOwnServer({ agent, ...options });
  const part = async (toolCallId: string) =>
    (await allPages(server, 's'))
      .flatMap((message) => message.parts as readonly Record<string, unknown>[])
      .find((each) => each.toolCallId === toolCallId);
  const post = async (verb: string, body: object) => {
    const response = await postJson(`${server.api}/s/${verb}`, { messageId: 'a1', ...body });
    return (await response.json()) as unknown;
  };
  return { server, prompts, part, post };
}

async function seeded(parts: readonly object[], options: TestServerOptions = {}) {
  const served = await serve(options);
  await served.server.holdfast.session('s').seed([question, reply(...parts)]);
  return served;
}

const gives = { type: 'tool-output-available', toolCallId: 'c1', output: 'Oslo' };
const allows = { type: 'tool-approval-response', approvalId: 'p2', approved: true };

it('HF-ENT-8: nothing is written into what no agent said, nor into what has no parts', () => {
  const open = reply(call) as unknown as Message;
  expect(revived(open)).not.toBeNull();
  expect(revived({ ...open, role: 'user' })).toBeNull();
  expect(revived({ ...open, parts: 'none' as unknown as Message['parts'] })).toBeNull();
});

it('HF-ENT-8: a call that stands open in a seeded message is answered, and the run goes on', async () => {
  const { server, prompts, part } = await seeded([call]);
  const answers = [gives];
  const sent = await server.send({ id: 's', continues: 'a1', answers });
  await ended(server, 's', sent.run);
  expect(sent.messageId).toBe('a1');
  expect(prompts[0]?.at(-1)?.parts).toMatchObject([
    { type: 'step-start' },
    { type: 'tool-ask', state: 'output-available', output: 'Oslo', input: { q: 1 } },
  ]);
  expect(await part('c1')).toMatchObject({ state: 'output-available', output: 'Oslo' });
});

it('HF-ENT-8: an approval that a seeded message asks for is given', async () => {
  const { server, prompts } = await seeded([asked]);
  const answers = [allows];
  const sent = await server.send({ id: 's', continues: 'a1', answers });
  await ended(server, 's', sent.run);
  expect(prompts[0]?.at(-1)?.parts.at(-1)).toMatchObject({
    state: 'approval-responded',
    approval: { id: 'p2', approved: true },
  });
});

it('HF-ENT-8: a call of a seeded message is claimed and answered without a run', async () => {
  const { part, post } = await seeded([call]);
  expect(await post('claim', { toolCallId: 'c1', holder: 'h' })).toMatchObject({ state: 'held' });
  expect(await post('answer', { answers: [gives] })).toEqual({ answers: [gives] });
  // The first answer stands.
  expect(await post('answer', { answers: [{ ...gives, output: 'Rome' }] })).toEqual({
    answers: [gives],
  });
  expect(await post('claim', { toolCallId: 'c1', holder: 'h' })).toEqual({ state: 'settled' });
  expect(await part('c1')).toMatchObject({ state: 'output-available', output: 'Oslo' });
});

it('HF-ENT-8, HF-HTTP-30: who may answer is as with the calls of runs', async () => {
  const { part, post } = await seeded([call, asked], { clientTools: ['other'] });
  expect(await post('answer', { answers: [gives] })).toMatchObject({
    error: { code: 'bad_request' },
  });
  const output = { type: 'tool-output-available', toolCallId: 'c2', output: 1 };
  expect(await post('answer', { answers: [output] })).toMatchObject({
    error: { code: 'bad_request' },
  });
  expect(await part('c1')).toMatchObject({ state: 'input-available' });
});

it('HF-ENT-8, HF-RUN-23: an approval that a seeded message asks for is denied in time', async () => {
  const { prompts } = await seeded([asked], { approvalMs: 20 });
  await vi.waitFor(() => expect(prompts).toHaveLength(1), { timeout: 20_000 });
  expect(prompts[0]?.at(-1)?.parts.at(-1)).toMatchObject({ approval: { approved: false } });
}, 60_000);

it('HF-ENT-8: an approval outlives its session in a database of the application’s', async () => {
  const { server, prompts, post } = await serve({
    agent: ({ messages }) => {
      prompts.push(messages);
      const chunks: UIMessageChunk[] =
        prompts.length > 1
          ? answer('Done.')
          : [
              { type: 'start' },
              { type: 'start-step' },
              { type: 'tool-input-available', toolCallId: 'c2', toolName: 'ask', input: {} },
              { type: 'tool-approval-request', approvalId: 'p2', toolCallId: 'c2' },
              { type: 'finish' },
            ];
      return (async function* () {
        yield* chunks;
      })();
    },
  });
  const { messageId } = await say(server, 's', 'Delete it.');
  const session = server.holdfast.session('s');
  const { messages, authors } = await session.state();
  await session.delete();
  expect(await session.seed(JSON.parse(JSON.stringify(messages)), authors)).toBe('seeded');
  expect((await session.state()).messages).toEqual(messages);
  expect(await post('answer', { messageId, answers: [allows] })).toEqual({ answers: [allows] });
  const sent = await server.send({ id: 's', continues: messageId, answers: [allows] });
  await ended(server, 's', sent.run);
  expect(prompts[1]?.at(-1)?.parts.at(-1)).toMatchObject({ state: 'approval-responded' });
});

it.each([['plain'], ['encrypted']])(
  'HF-ENT-8: what was answered is stored and read again: %s',
  async (kind) => {
    const limits = { ...defaultLimits, pageMessages: 2, tailMs: 0, checkpointBytes: 1 };
    const keys = [{ id: 'k', key: new Uint8Array(32).fill(7) }];
    const encryption = kind === 'plain' ? {} : { encryption: { keys } };
    const log = createMemoryLog({ limits });
    const { server, prompts } = await seeded([call], { log, limits, ...encryption });
    const sent = await server.send({ id: 's', continues: 'a1', answers: [gives] });
    await ended(server, 's', sent.run);
    for (const text of ['on', 'and on', 'still']) await say(server, 's', text);
    const other = await serve({ log, limits, ...encryption });
    const answered = await allPages(other.server, 's');
    expect(answered.slice(0, 2)).toMatchObject([
      { id: 'u1' },
      {
        id: 'a1',
        parts: [
          { type: 'step-start' },
          { state: 'output-available', output: 'Oslo' },
          { type: 'text', text: 'Well.' },
        ],
      },
    ]);
    expect(prompts.at(-1)).toEqual(answered.slice(0, -1));
  },
);

it('HF-ENT-8: a session behind a page of seeded messages has none with an open call', async () => {
  const limits = { ...defaultLimits, pageMessages: 2 };
  const { server, prompts } = await serve({ limits, log: createMemoryLog({ limits }) });
  const turns = [0, 1, 2, 3].flatMap((at) => [
    { ...question, id: `u${at}` },
    {
      ...reply({ ...call, toolCallId: `c${at}` }, { ...asked, toolCallId: `asked${at}` }),
      id: `a${at}`,
    },
  ]);
  await server.holdfast.session('s').seed(turns);
  await say(server, 's', 'Never mind.');
  const states = prompts[0]?.flatMap(({ parts }) =>
    parts.flatMap((part) => ('state' in part ? [part.state] : [])),
  );
  expect(states?.filter((state) => state === 'output-error')).toHaveLength(4);
  expect(states?.filter((state) => state === 'output-denied')).toHaveLength(4);
});

it('HF-ENT-8: where calls stay open, those of seeded messages do so too', async () => {
  const { server, part, post } = await seeded([call], { openCalls: 'keep' });
  for (const text of ['on', 'and on']) await say(server, 's', text);
  await server.holdfast.session('s').state();
  expect(await part('c1')).toMatchObject({ state: 'input-available' });
  expect(await post('answer', { answers: [gives] })).toEqual({ answers: [gives] });
  expect(await part('c1')).toMatchObject({ state: 'output-available' });
});

it('HF-ENT-8, HF-RUN-7: a new message ends what stands open in a seeded one', async () => {
  const { server, prompts, part } = await seeded([call, asked]);
  await say(server, 's', 'Never mind.');
  expect(await part('c1')).toMatchObject({ state: 'output-error' });
  expect(await part('c2')).toMatchObject({ state: 'output-denied' });
  const states = prompts[0]?.[1]?.parts.map((each) => (each as { state?: string }).state);
  expect(states).toEqual([undefined, 'output-error', 'output-denied']);
});

const revivedChunks = (message: Message): readonly Chunk[] =>
  revived(message)?.flatMap((segment) => segment.chunks) ?? [];

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

const open: Chunk[] = [
  { type: 'start-step' },
  { type: 'tool-input-available', toolCallId: 'open', toolName: 'ask', input: 'open' },
];

const stages = [
  /^tool-input-start$/,
  /^tool-input-delta$/,
  /^tool-input-(available|error)$/,
  /^tool-approval-request$/,
  /^tool-approval-response$/,
  /^tool-output/,
];

/**
 * True where the life of a call goes backwards, or on behind its end, or where it begins dynamic and goes on typed:
 * no agent writes that, and what is left of it is of both.
 */
function isOutOfOrder(chunks: readonly Chunk[]): boolean {
  const reached = new Map<unknown, number>();
  const callOf = new Map<unknown, unknown>();
  const dynamics = new Map<unknown, boolean>();
  return chunks.some(({ type, toolCallId, approvalId, preliminary, dynamic }) => {
    const stage = stages.findIndex((each) => each.test(type));
    if (stage < 0) return false;
    if (/^tool-input-(start|available|error)$/.test(type)) {
      const isDynamic = dynamic === true;
      if ((dynamics.get(toolCallId) ?? isDynamic) !== isDynamic) return true;
      dynamics.set(toolCallId, isDynamic);
    }
    if (toolCallId !== undefined && approvalId !== undefined) callOf.set(approvalId, toolCallId);
    const call = toolCallId ?? callOf.get(approvalId);
    const before = reached.get(call) ?? -1;
    const isOver =
      type === 'tool-input-error' || (/^tool-output/.test(type) && preliminary !== true);
    reached.set(call, isOver ? stages.length : stage);
    return stage < before || (stage === before && ![1, stages.length - 1].includes(stage));
  });
}

it('HF-ENT-8: the AI SDK’s reducer makes the same message again', async () => {
  await fc.assert(
    fc.asyncProperty(validChunks({ acrossSteps: false }), async (chunks) => {
      fc.pre(!isOutOfOrder(chunks));
      const message = json(await foldMessage('M1', [...chunks, ...open])) as Message;
      fc.pre(message.parts.some((part) => (part as { toolCallId?: string }).toolCallId === 'open'));
      expect(json(await foldMessage('M1', revivedChunks(message)))).toEqual(message);
    }),
    { numRuns: 150 },
  );
}, 60_000);

it('HF-ENT-8: a message in which nothing stands open stays as it is', () => {
  const settled = { ...call, state: 'output-available', output: 1 };
  expect(revived(reply(settled) as unknown as Message)).toBeNull();
  expect(revived(question as unknown as Message)).toBeNull();
});
