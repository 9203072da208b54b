import { isName, isRecord } from '@holdfast/protocol';
import { takeAnswers } from '../commands/answer.ts';
import { cancelRun } from '../commands/cancel-run.ts';
import { claimCall } from '../commands/claim.ts';
import { handOff } from '../commands/handoff.ts';
import { beginLoaded } from '../commands/load.ts';
import { arrange } from '../commands/queue.ts';
import { steerRun } from '../commands/steer.ts';
import { stopLive } from '../commands/stop-live.ts';
import type { IsClientTool } from '../contract/client-tools.ts';
import type { Core } from '../core.ts';
import { isSaid, saidText } from '../session/presence-signals.ts';
import { admit } from './admit.ts';
import { bad, readJsonBody, readOptionalBody } from './body.ts';
import { readLargeBody } from './large-body.ts';
import { isAnswers, isNames } from './lists.ts';
import { isMessage } from './send-body.ts';

/** Does what one `POST /{id}/…` asks for; resolves with the answer's JSON, or null where it has none. */
type Command = (
  core: Core,
  request: Request,
  id: string,
  isClientTool: IsClientTool | null,
) => Promise<object | null>;

const cancel: Command = async (core, request, id) => {
  const participant = await admit(core, request, 'cancel', id);
  const { run, command } = await readJsonBody(request, core.limits);
  if (isName(run) && command === undefined) return await cancelRun(core, id, { run }, participant);
  if (isName(command) && run === undefined)
    return await cancelRun(core, id, { command }, participant);
  throw bad('name either `run` or `command`');
};

/** As the SDK's own pages show it: without a body, or with the message that is being written. */
const stop: Command = async (core, request, id) => {
  const participant = await admit(core, request, 'cancel', id);
  const { messageId, assistantMessage } = await readOptionalBody(request, core.limits);
  const named = messageId ?? (isRecord(assistantMessage) ? assistantMessage.id : undefined);
  if (named !== undefined && !isName(named)) throw bad('`messageId` must be a message id');
  return await stopLive(core, id, named, participant);
};

const steer: Command = async (core, request, id) => {
  const participant = await admit(core, request, 'steer', id);
  core.lifecycle.takeWork();
  core.quotas.take(participant.id, 'send');
  const { run, message } = await readLargeBody(core, request, async () => participant.id);
  if (!isMessage(message)) throw bad('`message` is no UI message');
  if (run !== undefined && !isName(run)) throw bad('`run` must be a run id');
  return await steerRun(core, id, { run, message }, participant);
};

const queue: Command = async (core, request, id) => {
  const participant = await admit(core, request, 'queue', id);
  const { order, remove } = await readJsonBody(request, core.limits);
  // Each order is an entry for all who follow. What is taken out was sent before, and is as good as stopped.
  if (order !== undefined) core.quotas.take(participant.id, 'send');
  return await arrange(core, id, { ...idsOf('order', order), ...idsOf('remove', remove) });
};

function idsOf(name: string, ids: unknown): Readonly<Record<string, readonly string[]>> {
  if (ids === undefined) return {};
  if (isNames(ids)) return { [name]: ids };
  throw bad(`\`${name}\` must be a list of ids, at most 1,000, none of them twice`);
}

const answer: Command = async (core, request, id, isClientTool) => {
  const participant = await admit(core, request, 'answer', id);
  core.lifecycle.takeWork();
  core.quotas.take(participant.id, 'send');
  const { messageId, answers } = await readLargeBody(core, request, async () => participant.id);
  if (!isName(messageId)) throw bad('`messageId` must be a message id');
  if (!isAnswers(answers) || answers.length === 0)
    throw bad('`answers` must be a list of chunks, 1 to 1,000, one for each call');
  await beginLoaded(core, id, { participant });
  return await takeAnswers(core, id, { messageId, answers, isClientTool }, participant);
};

const claim: Command = async (core, request, id, isClientTool) => {
  const participant = await admit(core, request, 'answer', id);
  const {
    messageId,
    toolCallId,
    holder,
    release = false,
  } = await readJsonBody(request, core.limits);
  if (!isName(messageId)) throw bad('`messageId` must be a message id');
  if (!isName(toolCallId)) throw bad('`toolCallId` must be the id of a tool call');
  if (!isName(holder)) throw bad('`holder` must be a text of 1 to 256 characters');
  if (typeof release !== 'boolean') throw bad('`release` must be true or false');
  await beginLoaded(core, id, { participant });
  const wanted = { messageId, toolCallId, holder, release, isClientTool };
  return await claimCall(core, id, wanted, participant);
};

const handoff: Command = async (core, request, id) => {
  const participant = await admit(core, request, 'handoff', id);
  const { to } = await readJsonBody(request, core.limits);
  if (to !== 'me' && to !== 'agents') throw bad('`to` must be me or agents');
  await beginLoaded(core, id, { participant });
  return await handOff(core, id, to, participant);
};

/** For a stream of events, whose client cannot say it there (HF-EVT-7). */
const presence: Command = async (core, request, id) => {
  const { id: by } = await admit(core, request, 'read', id);
  core.quotas.take(by, 'read');
  const { conn, state } = await readJsonBody(request, core.limits);
  if (!isName(conn)) throw bad('`conn` must be that of a `welcome`');
  if (!isSaid(state)) throw bad('`state` must be here, typing or away');
  await core.log.signal(id, saidText({ conn, by, state }));
  return null;
};

/** By the last part of the path. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ answer, cancel, claim, handoff, presence, queue, steer, stop }),
);
