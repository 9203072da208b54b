import { type Chunk, HoldfastError, isName, isRecord, parseJson } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { wholeOf } from '../files/filled.ts';
import { authorizeFault } from '../rights/authorize-fault.ts';
import { controlSession } from '../rights/revocations.ts';
import { hasText } from '../runs/agent-fault.ts';
import { checkAgentName } from '../runs/agents.ts';
import { within } from '../within.ts';
import { appendChunks } from '../writers/append.ts';
import { type Begun, beginJob, beginOwnRun } from '../writers/begin.ts';
import { type EndAsked, endWriting } from '../writers/end.ts';
import { renewWriting } from '../writers/renew.ts';
import type { WriterState, WrittenRun } from '../writers/state.ts';
import { bearerOf } from './admit.ts';
import { json } from './answers.ts';
import { bad, readJsonBody } from './body.ts';
import { readLargeBody } from './large-body.ts';
import { messagesResponse } from './messages-response.ts';

/** Does what one request of a writer asks for. */
type WriterCommand = (core: Core, request: Request, id: string) => Promise<Response>;

type Body = Readonly<Record<string, unknown>>;

/** Bounds of a lease, in ms: shorter ones would cost more than the run, longer ones hide that it is lost. */
const shortestLease = 1_000;
const longestLease = 3_600_000;
const maxChunks = 1_000;
const maxReason = 64;
const maxErrorText = 1_000;

/** No participant has such a name. */
const writers = '\u0001writers';

/** What a browser adds by itself. */
const ofBrowsers = ['origin', 'cookie', 'sec-fetch-site'];

/** Reads a writer's request once it may write as the agent that it names (HF-WRT-1). Rejects as documented there. */
async function admitWriter(
  core: Core,
  request: Request,
  sessionId: string,
  isLarge = false,
): Promise<{ readonly agent: string; readonly body: Body }> {
  if (!core.writers)
    throw new HoldfastError('not_found', 'unable to answer: the chat route has no such path');
  if (ofBrowsers.some((name) => request.headers.has(name)))
    throw new HoldfastError('forbidden', 'unable to write: browsers have no part in this');
  if (sessionId === controlSession) throw notAllowed();
  const token = bearerOf(request);
  if (!token) throw new HoldfastError('unauthorized', 'unable to write: give a token, as `Bearer`');
  // Which agent it is stands in the body, of which no more than `requestBytes` is read for who may not write.
  const mayWrite = async (agent: unknown): Promise<string> => {
    if (!isName(agent)) throw bad('`agent` must be the name of the agent that writes');
    checkAgentName(agent);
    const allowed = await ask(core, () =>
      core.writers?.authorize({ sessionId, agent, token, request }),
    );
    if (allowed !== true) throw notAllowed();
    return agent;
  };
  const body = isLarge
    ? await readLargeBody(
        core,
        request,
        async (begins) => `${writers} ${await mayWrite(firstAgentIn(begins))}`,
      )
    : await readJsonBody(request, core.limits);
  return { agent: await mayWrite(body.agent), body };
}

/** The agent of a body that is not read as a whole yet. */
function firstAgentIn(begins: string): unknown {
  const [, name = ''] = /^\s*\{\s*"agent"\s*:\s*("(?:[^"\\]|\\.){0,400}")/.exec(begins) ?? [];
  const parsed = parseJson(name, 1);
  if (parsed.ok) return parsed.value;
  throw bad('a body over `requestBytes` must name its `agent` before everything else');
}

const notAllowed = (): HoldfastError =>
  new HoldfastError('forbidden', 'unable to write: not allowed');

/** Asks the application, which has `authorizeMs` for it. */
async function ask({ environment, limits }: Core, authorize: () => unknown): Promise<unknown> {
  try {
    return await within(environment, limits.authorizeMs, authorize(), () => {
      throw new Error(`\`writers.authorize\` took longer than ${limits.authorizeMs} ms`);
    });
  } catch (cause) {
    throw HoldfastError.is(cause) ? cause : authorizeFault('write', cause);
  }
}

const begin: WriterCommand = async (core, request, id) => {
  const { agent, body } = await admitWriter(core, request, id);
  core.lifecycle.takeWork();
  const { command, run, parent, holder, metadata, body: extra } = body;
  if (!isName(holder)) throw bad('`holder` must be a text that only this writer has');
  const wanted = { agent, holder, leaseMs: leaseIn(core, body) };
  if (run !== undefined && command === undefined)
    return await begunResponse(
      core,
      id,
      await beginJob(core, id, { ...wanted, ...writtenIn(body, agent) }),
    );
  if (!isName(command) || run !== undefined) throw bad('name either `command` or `run`');
  if (parent !== undefined && !isName(parent)) throw bad('`parent` must be a run id');
  if (extra !== undefined && !isRecord(extra)) throw bad('`body` must be an object');
  const begun = await beginOwnRun(core, id, {
    ...wanted,
    command,
    ...(parent === undefined ? {} : { parent }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(extra === undefined ? {} : { body: extra }),
  });
  return await begunResponse(core, id, begun);
};

/** What the agent is given has its data, which may be much. */
async function begunResponse(
  core: Core,
  id: string,
  begun: Begun | WriterState,
): Promise<Response> {
  if (!('messages' in begun)) return json(begun);
  const { messages, ...beside } = begun;
  return await messagesResponse(wholeOf(core.fileTexts, id), { messages }, beside);
}

const append: WriterCommand = async (core, request, id) => {
  // A tool of its agent may have given megabytes.
  const { agent, body } = await admitWriter(core, request, id, true);
  const { chunks } = body;
  if (!Array.isArray(chunks) || chunks.length === 0 || chunks.length > maxChunks)
    throw bad(`\`chunks\` must be a list of 1 to ${maxChunks} UI message chunks`);
  if (!chunks.every(isChunk))
    throw bad('`chunks` has what is no UI message chunk; each has a `type`, and a delta its text');
  return json(
    await appendChunks(core, id, { ...writtenIn(body, agent), seq: seqIn(body), chunks }),
  );
};

const renew: WriterCommand = async (core, request, id) => {
  const { agent, body } = await admitWriter(core, request, id);
  const wanted = { ...writtenIn(body, agent), leaseMs: leaseIn(core, body) };
  const told = await renewWriting(core, id, wanted);
  if (!('steers' in told)) return json(told);
  const { steers: messages = [], ...state } = told;
  return await messagesResponse(wholeOf(core.fileTexts, id), { name: 'steers', messages }, state);
};

const end: WriterCommand = async (core, request, id) => {
  const { agent, body } = await admitWriter(core, request, id);
  const { outcome, reason, error } = body;
  if (outcome !== 'finished' && outcome !== 'stopped' && outcome !== 'failed')
    throw bad('`outcome` must be finished, stopped or failed');
  const ending: EndAsked = {
    ...writtenIn(body, agent),
    seq: seqIn(body),
    outcome,
    ...textIn('reason', reason, maxReason),
    ...textIn('error', error, maxErrorText),
  };
  return json(await endWriting(core, id, ending));
};

function writtenIn({ run, attempt }: Body, agent: string): WrittenRun {
  if (!isName(run)) throw bad('`run` must be a run id');
  if (!isCount(attempt)) throw bad('`attempt` must be that of the answer to `begin`');
  return { agent, run, attempt };
}

function seqIn({ seq }: Body): number {
  if (!isCount(seq)) throw bad('`seq` must be a number from 1 on');
  return seq;
}

function leaseIn({ limits }: Core, { leaseMs = limits.leaseMs }: Body): number {
  if (isCount(leaseMs) && leaseMs >= shortestLease && leaseMs <= longestLease) return leaseMs;
  throw bad(`\`leaseMs\` must be ${shortestLease} to ${longestLease}`);
}

function textIn(name: string, text: unknown, most: number): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  if (typeof text === 'string' && text.length <= most) return { [name]: text };
  throw bad(`\`${name}\` must be a text of at most ${most} characters`);
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) > 0;

const isChunk = (value: unknown): value is Chunk =>
  isRecord(value) && typeof value.type === 'string' && hasText(value as unknown as Chunk);

/** By the last part of the path. */
export const writerCommands: ReadonlyMap<string, WriterCommand> = new Map(
  Object.entries({ begin, append, renew, end }),
);
