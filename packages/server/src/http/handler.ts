import type { Durability } from '@holdfast/log';
import {
  formatPosition,
  HoldfastError,
  isSessionId,
  parsePosition,
  type SendResponse,
} from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { isClientToolOf } from '../commands/client-tools.ts';
import { eraseSession } from '../commands/erase.ts';
import { beginLoaded, readLoaded } from '../commands/load.ts';
import { send } from '../commands/send/send.ts';
import type { Agent } from '../contract/agent.ts';
import type { ClientTools } from '../contract/client-tools.ts';
import type { Core } from '../core.ts';
import { normalRequest } from '../edge/normal-request.ts';
import { refusal } from '../edge/refusal.ts';
import { isOriginAllowed } from '../origin.ts';
import { rightsOf } from '../rights/rights-of.ts';
import { type Agents, agentsByName, defaultAgent } from '../runs/agents.ts';
import { endOfTurn } from '../runs/turns.ts';
import { newestOf, olderThan } from '../session/history.ts';
import { readLimit } from '../session/page-limit.ts';
import { admit, admitAll } from './admit.ts';
import { empty, errorResponse, json, noStore, withDurability } from './answers.ts';
import { bad } from './body.ts';
import { commands } from './commands.ts';
import { compareList } from './compare-list.ts';
import { allowOrigin } from './cors.ts';
import { type Door, streamEvents } from './events.ts';
import { answerFiles, fileMethods } from './files.ts';
import { readLargeBody } from './large-body.ts';
import { messagesResponse } from './messages-response.ts';
import { stopsOnDisconnect } from './on-disconnect.ts';
import { placeSend } from './place-send.ts';
import { replyIn, shownBefore } from './reply-stream.ts';
import { readSend } from './send-body.ts';
import { pageFilling, wantsData } from './shown-files.ts';
import type { StreamForm } from './stream-response.ts';
import { type Reader, streamRun } from './stream-run.ts';
import { writerCommands } from './writer-commands.ts';

/** Options of `handle`. */
export interface HandleOptions<UI_MESSAGE extends UIMessage = UIMessage> {
  /**
   * Answers the sends that this handler takes: one, or several by name, of which a send names one in `to`.
   * Not needed where workers do (`dispatch`).
   */
  readonly agent?: Agents<UI_MESSAGE> | undefined;
  /** The name of the agent, or of the one among several that answers where nobody is named. @default 'agent' */
  readonly agentName?: string;
  /** The tools of these agents that clients execute. @default those of `createHoldfast` */
  readonly clientTools?: ClientTools | undefined;
  /**
   * What stock clients read: the SDK's UI message stream, or `text`, the text of answers and nothing else, for
   * `TextStreamChatTransport`.
   * @default 'ui'
   */
  readonly stream?: StreamForm;
  /**
   * What sends through this route, and the entries of runs that they begin, have survived before they are acknowledged,
   * where that is more than the server's `durability`. Without Redis such sends fail as `internal`.
   * @default that of `createHoldfast`
   */
  readonly durability?: Durability | undefined;
  /** The path behind the route, in segments: `[]`, `[id]` or `[id, 'events']`. Empty ones are ignored. */
  readonly path: readonly string[];
  /** Given the promise of work that goes on behind the response, such as Next's `after`. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

/** Answers one request of PROTOCOL.md section 9. Never rejects. */
export const handleRequest = async <UI_MESSAGE extends UIMessage>(
  core: Core,
  gateway: Door,
  request: Request,
  given: HandleOptions<UI_MESSAGE>,
): Promise<Response> => {
  // A host that splits the path has an empty segment where a slash stands at its end (HF-HTTP-5).
  const options = { ...given, path: given.path.filter(Boolean) };
  const response = await answer(core, gateway, request, options);
  return allowOrigin(response, request, core.origins, methodsOf(options.path));
};

async function answer<UI_MESSAGE extends UIMessage>(
  core: Core,
  gateway: Door,
  request: Request,
  options: HandleOptions<UI_MESSAGE>,
): Promise<Response> {
  try {
    if (!isOriginAllowed(request.headers, core.origins))
      throw new HoldfastError(
        'forbidden',
        'unable to answer: the request comes from another site; list its origin in `origins`',
      );
    return await route(core, gateway, normalRequest(request, options.path), options);
  } catch (error) {
    return errorResponse(core, error);
  }
}

async function route<UI_MESSAGE extends UIMessage>(
  core: Core,
  gateway: Door,
  request: Request,
  options: HandleOptions<UI_MESSAGE>,
): Promise<Response> {
  const { method } = request;
  const [id, verb, ...rest] = options.path;
  const methods = methodsOf(options.path);
  if (!methods)
    throw new HoldfastError('not_found', 'unable to answer: the chat route has no such path');
  if (method === 'OPTIONS') return new Response(null, { status: 204, headers: allowing(methods) });
  if (!methods.includes(method))
    return refusal(
      405,
      { code: 'not_found', message: `unable to answer: this path takes ${methods.join(', ')}` },
      allowing(methods),
    );
  stopsOnDisconnect(request);
  wantsData(request);
  if (id === undefined) return await takeSend(core, request, options);
  if (!isSessionId(id)) throw bad('the session id must be 1 to 128 letters, digits, `_` or `-`');
  if (verb === undefined)
    return method === 'DELETE' ? await remove(core, request, id) : await history(core, request, id);
  if (verb === 'events') return await streamEvents(core, gateway, request, id);
  if (verb === 'files') return await answerFiles(core, request, id, rest);
  const writes = writerCommands.get(verb);
  if (writes) return await writes(core, request, id);
  const command = commands.get(verb);
  if (!command) return await resume(core, request, id, options.stream ?? 'ui');
  const result = await command(core, request, id, clientToolsIn(core, options));
  return result ? json(result) : empty();
}

/** The methods of a path; undefined when there is no such path. */
function methodsOf([id, verb, ...rest]: readonly string[]): readonly string[] | undefined {
  if (verb === 'files') return fileMethods(rest);
  if (rest.length > 0) return undefined;
  if (id === undefined) return ['POST'];
  if (verb === undefined) return ['GET', 'DELETE'];
  if (verb === 'stream' || verb === 'events') return ['GET'];
  return commands.has(verb) || writerCommands.has(verb) ? ['POST'] : undefined;
}

const allowing = (methods: readonly string[]): Record<string, string> => ({
  ...noStore,
  allow: [...methods, 'OPTIONS'].join(', '),
});

const clientToolsIn = (core: Core, { clientTools }: Pick<HandleOptions, 'clientTools'>) =>
  clientTools === undefined ? core.isClientTool : isClientToolOf(clientTools);

async function takeSend<UI_MESSAGE extends UIMessage>(
  core: Core,
  request: Request,
  options: HandleOptions<UI_MESSAGE>,
): Promise<Response> {
  const {
    send: asked,
    stock,
    transcript,
    place,
  } = readSend(await readLargeBody(core, request), core.environment.id);
  const since = core.revocations.count;
  // What is edited or asked again is cut off behind some message, whichever that will be.
  const admitted = rightsOf(place ? { ...asked, after: null } : asked);
  const participant = await admitAll(core, request, admitted, asked.id);
  core.lifecycle.takeWork();
  core.quotas.take(participant.id, 'send');
  // Its answer is a stream: one that could not be given is refused before anything is written.
  if (stock) core.quotas.checkRoom(participant.id, 'connection');
  await beginLoaded(core, asked.id, { participant });
  const form = options.stream ?? 'ui';
  const list = transcript && stock ? { ...transcript, isText: form === 'text' } : transcript;
  const placed = place ? await placeSend(core, asked, place, participant) : asked;
  const body = list ? await compareList(core, placed, list, participant) : placed;
  // The list may say more than the send: a changed question is sent, a list that was cut is an edit.
  for (const right of rightsOf(body))
    if (!admitted.includes(right)) await admit(core, request, right, body.id);
  const { agent, agentName = defaultAgent, waitUntil } = options;
  const agents = agentsByName(agent, agentName);
  if (agents.size === 0 && !core.dispatch)
    throw new Error('there is no agent: give the route one, or `createHoldfast` a `dispatch`');
  for (const [name, each] of agents) core.scheduler.register(name, each as unknown as Agent);
  const several = typeof agent === 'function' ? undefined : [...agents.keys()];
  const addressable = core.dispatch ? core.dispatch.agents : several;
  const sent = await send(core, body, {
    request,
    participant,
    agentOf: (name) => agents.get(name) as unknown as Agent | undefined,
    agentName,
    addressable,
    permit: async (action) => {
      await admit(core, request, action, body.id);
    },
    isClientTool: clientToolsIn(core, options),
    durability: options.durability,
  });
  if (!stock) void core.reach?.sent();
  if (sent.done) outlive(core, waitUntil, sent.done);
  const { response } = sent;
  // First its agent is asked: where a page follows the session, that tells of the run.
  if (sent.done && !stock) await endOfTurn();
  const answer = async (): Promise<Response> => {
    if (!stock) return json(response);
    if (!('run' in response)) return empty();
    return await streamReply(
      core,
      { request, session: body.id, participant, since, form },
      response,
    );
  };
  return withDurability(await answer(), core, options.durability);
}

/** Streams a run from its start, for a stock client that sent a message. */
async function streamReply(core: Core, reader: Reader, sent: SendResponse): Promise<Response> {
  const from = parsePosition(sent.position);
  if (!from) throw new HoldfastError('internal', 'unable to stream: the log gave no position');
  const { run, messageId } = sent;
  const share = await core.hubs.acquire(reader.session);
  return streamRun(core, reader, share, {
    source: { run, messageId, from, seen: null },
    before: [],
  });
}

/** Streams the live message whole: what is there, folded, and then its run. */
async function resume(
  core: Core,
  request: Request,
  id: string,
  form: StreamForm,
): Promise<Response> {
  const since = core.revocations.count;
  const participant = await admit(core, request, 'read', id);
  core.lifecycle.takeWork();
  core.quotas.take(participant.id, 'read');
  core.quotas.checkRoom(participant.id, 'connection');
  const share = await core.hubs.acquire(id);
  const live = await share.hub
    .project((projection, from) => {
      const run = projection.liveRuns.at(-1);
      const item = run && projection.item(run.messageId);
      if (!run || item?.kind !== 'assistant') return undefined;
      const seen = replyIn(item, run.run);
      const before = shownBefore(item, run.run);
      return { source: { run: run.run, messageId: run.messageId, from, seen }, before };
    })
    .catch((error: unknown) => {
      share.release();
      throw error;
    });
  if (live) return streamRun(core, { request, session: id, participant, since, form }, share, live);
  share.release();
  return empty();
}

/** The newest page, or with a cursor an older one. */
async function history(core: Core, request: Request, id: string): Promise<Response> {
  const participant = await admit(core, request, 'read', id);
  core.quotas.take(participant.id, 'read');
  const query = new URL(request.url).searchParams;
  const limit = readLimit(query.get('limit'), core.limits);
  const cursor = query.get('before');
  const filling = pageFilling(core, { request, session: id, participant: participant.id });
  return await core.hubs.use(id, async (hub) => {
    if (cursor !== null) {
      await core.loader?.begin(hub, { participant });
      const { messages, ...older } = await olderThan(hub, cursor, limit);
      return await messagesResponse(filling, { messages }, older);
    }
    const read = () => newestOf(hub, limit);
    const { messages, position, ...newest } = await readLoaded(core, hub, { participant }, read);
    const files = core.fileLinks.query(id, participant.id);
    const beside = { ...newest, position: formatPosition(position), ...(files && { files }) };
    return await messagesResponse(filling, { messages }, beside);
  });
}

async function remove(core: Core, request: Request, id: string): Promise<Response> {
  await admit(core, request, 'delete', id);
  await eraseSession(core, id);
  return empty();
}

/** Hands work to the host, which may have no place for it; the answer stands all the same. */
function outlive(core: Core, waitUntil: HandleOptions['waitUntil'], done: Promise<unknown>): void {
  try {
    waitUntil?.(done);
  } catch (error) {
    core.report(error, {});
  }
}
