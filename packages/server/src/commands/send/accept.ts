import { idsBehind, type NewEntry, type SendCommand, type SendOutcome } from '@holdfast/log';

import {
  formatPosition,
  HoldfastError,
  origin,
  type Position,
  type PostedResponse,
  parsePosition,
  type QueuedResponse,
  type SendRequest,
} from '@holdfast/protocol';
import type { SessionProjection } from '@holdfast/protocol/projection';
import type { Core } from '../../core.ts';
import { retryUnavailable } from '../../retry-unavailable.ts';
import type { Execution } from '../../runs/execute.ts';
import type { Reach, SessionHub } from '../../session/hub.ts';
import type { OwnEntries } from '../../session/messages-at.ts';
import type { Conversation } from '../../session/written.ts';
import { takeAnswers } from '../answer.ts';
import { enqueue, isBusy, isQueueing } from '../queue.ts';
import { addressee } from './addressee.ts';
import { admitMessage } from './admit-message.ts';
import { type AcceptedSend, acceptedSend, commandOf, digestOf, type Sender } from './command.ts';
import { type Draft, draftOf, never, rolledBack } from './draft.ts';
import { heldError, isForPeople, postMessage } from './post.ts';
import { interruptRuns, policyOf } from './while-busy.ts';

/** A send that the log has. Its `run` is the one that it would have started; another one when it was sent before. */
export interface Accepted extends Execution {
  readonly outcome: AcceptedSend & { readonly run: NonNullable<AcceptedSend['run']> };
  /** Under which the run is told of. */
  readonly agentName: string;
  /** Live runs whose messages the send cut off. */
  readonly cancels: readonly string[];
}

/** How long a send is repeated to the log before the client is told to repeat it itself, in ms. */
const retryForMs = 5_000;
/** How often a send is drafted when others keep coming in between. */
const drafts = 5;

/**
 * Writes a send into the log, checked against the session as it is there. Rejects with `bad_request`,
 * `conflict`, `full`, `too_large` or `unavailable`.
 */
export async function accept(
  core: Core,
  hub: SessionHub,
  asked: SendRequest,
  asker: Sender,
): Promise<Accepted | QueuedResponse | PostedResponse> {
  const given = asked.message;
  const { participant } = asker;
  const message = given && (await admitMessage(core, asked.id, given, participant));
  const body = message ? { ...asked, message } : asked;
  const sender = given ? { ...asker, digest: digestOf(given) } : asker;
  const { isServer = false, isClientTool = core.isClientTool } = sender;
  const base = baseOf(body);
  const post = (held: boolean) =>
    message ? postMessage(core, hub, { ...body, message }, base, sender, held) : null;
  if (!isServer && isForPeople(body, sender.participant)) {
    const posted = await post(false);
    if (posted) return posted;
  }
  const policy = isServer ? 'parallel' : await policyOf(core, body, sender.participant);
  if (policy === 'steer') await sender.permit?.('steer');
  const queued = async () => {
    if (!isQueueing(policy) || !message) return null;
    // Nothing goes on or is asked for again by a message that waits.
    const agent = addressee(body, { writer: undefined }, sender);
    const context = { agent, participant: sender.participant };
    const answer = await enqueue(core, hub, { ...body, message }, policy, sender, context);
    return typeof answer === 'string' ? null : answer;
  };
  const { limits, quotas } = core;
  const author = sender.participant.id;
  if (!isServer && hub.position.epoch === '') quotas.take(author, 'session');
  const isCrowded = ({ liveRuns }: SessionProjection) =>
    liveRuns.length >= limits.sessionRuns || !quotas.hasRoom(author, 'run');
  /** Messages whose answers are not wanted any more. */
  const dropped = new Set<string>();
  const run = sender.adopted?.run ?? core.environment.id();
  const freshId = core.environment.id();
  // What the sender has seen must be seen here too, and what was delivered so far may be less.
  const { after, continues, expect } = body;
  const relies = after !== undefined || continues !== undefined || expect !== undefined;
  let reach: Reach = base ? { id: base.id } : relies ? 'top' : 'delivered';
  for (let left = drafts; ; left--) {
    const waiting = await queued();
    if (waiting) return waiting;
    const draft = await hub.project(async (projection, position, view) => {
      const now = await draftOf(view, rolledBack(view, body, dropped), base, {
        openCalls: isServer ? 'keep' : core.openCalls,
        isClientTool,
        ...(isServer ? {} : { author: sender.by }),
      });
      if (!isServer && isCrowded(projection)) return crowded(now);
      if (!isQueueing(policy) || !message || now.expect) return now;
      // One that is queued meanwhile is not overtaken, and its own repetition not sent twice.
      return { ...now, expect: { position: isBusy(projection) ? never : position, seen: false } };
    }, reach);
    if ((draft.refused || draft.isUnderWay) && reach !== 'top') {
      reach = 'top';
      continue;
    }
    if (draft.cancels.length > 0) await sender.permit?.('cancel');
    const messageId = draft.continues ?? freshId;
    const agentName = addressee(body, draft, sender);
    const send = commandOf(core, body, draft, { ...sender, agentName }, { run, messageId });
    const conditions = {
      ...send.if,
      ...(isServer ? {} : { held: false }),
      ...(policy === 'parallel' ? {} : { idle: true }),
    };
    const command = { ...send, if: conditions };
    const repeat = () => core.log.send(body.id, command);
    const taking = { hub, draft, command, run, messageId, agentName, repeat };
    const outcome = await retryUnavailable(repeat, retryForMs, core.environment).catch(
      (error: unknown) => {
        if (isUnavailable(error)) asker.onUnsure?.(() => takenLater(core, taking));
        throw error;
      },
    );
    const why = outcome.kind === 'refused' ? outcome.why : null;
    if (why === 'held') {
      const posted = await post(true);
      if (posted) return posted;
      if (message && left > 1) continue;
      if (draft.continues === undefined) throw heldError();
      return await keepAnswers(core, hub, body, draft, sender);
    }
    if (why === 'stale' && !draft.expect?.seen && left > 1) {
      // Another send came in between: what it did is looked at first.
      reach = 'top';
      continue;
    }
    if (why === 'busy' && isQueueing(policy) && left > 1) continue;
    if (why === 'busy' && policy !== 'reject' && left > 1) {
      // Whoever may write need not have the right to stop others (HF-AUTH-2).
      await sender.permit?.('cancel');
      if (policy === 'rollback') await sender.permit?.('edit');
      const messages = await interruptRuns(core, hub, sender.participant);
      if (policy === 'rollback') for (const each of messages) dropped.add(each);
      reach = 'top';
      continue;
    }
    const known = acceptedSend(outcome, draft);
    if (message && known.kind === 'duplicate' && !known.run)
      return { state: 'posted', command: body.command, position: before(known) };
    const taken = runOf(known);
    const own = ownEntries(taken, command.entries);
    const isOurs = taken.run.run === run && taken.run.state === 'running';
    // From now on: what comes before its agent may take longer than a lease.
    if (isOurs && !core.dispatch && !sender.adopted)
      core.attempts.hold({ ...core, session: body.id, run, attempt: 1 });
    const isHere = !sender.adopted && (core.dispatch === null || isServer);
    const isStarted = taken.kind === 'accepted' && taken.run.state === 'running';
    if (!isHere && taken.kind === 'accepted') await hub.wrote(own);
    const accepted = acceptedOf(taken, taking);
    return isHere && isStarted ? { ...accepted, messages: givenAt(hub, own) } : accepted;
  }
}

interface Taking {
  readonly hub: SessionHub;
  readonly draft: Draft;
  readonly command: SendCommand;
  readonly run: string;
  readonly messageId: string;
  readonly agentName: string;
  readonly repeat: () => Promise<SendOutcome>;
}

function acceptedOf(taken: Accepted['outcome'], taking: Taking): Accepted {
  const { hub, draft, command, run, messageId, agentName, repeat } = taking;
  const own = ownEntries(taken, command.entries);
  return {
    outcome: taken,
    run,
    attempt: 1,
    agentName,
    messageId,
    cancels: draft.cancels,
    messages: () => hub.messagesAt(own),
    through: lastOf(own),
    repeat,
  };
}

/** How often the log is asked for a send that may still be on its way to it, and how long after another, in ms. */
const questions = 5;
const questionMs = 1_000;

/**
 * What became of a send whose sender was told `unavailable`: null where the log does not have it, or its run is
 * another's or over. Writes nothing. Rejects with the log's error.
 */
async function takenLater(
  { log, limits, environment }: Core,
  taking: Taking,
): Promise<Accepted | null> {
  const { hub, command, run } = taking;
  const ask = () => log.command(hub.session, command.command);
  for (let left = questions; left > 0; left--) {
    const known = await retryUnavailable(ask, limits.retryForMs, environment);
    if (known) {
      const isOurs = known.run?.run === run && known.run.state === 'running';
      return isOurs ? acceptedOf(runOf({ kind: 'duplicate', ...known }), taking) : null;
    }
    await environment.wait(questionMs);
  }
  return null;
}

const isUnavailable = (error: unknown): boolean =>
  HoldfastError.is(error) && error.code === 'unavailable';

/** Nothing but a repetition of what the log has is answered. */
const crowded = (draft: Draft): Draft => ({
  ...draft,
  refused: draft.refused ?? 'crowded',
  expect: { position: never, seen: true },
});

/** The entries of a command as the log has them. */
export function ownEntries(
  { epoch, before: id }: Pick<AcceptedSend, 'epoch' | 'before'>,
  written: readonly NewEntry[],
): OwnEntries {
  const ids = idsBehind(id, written);
  const entries = written.map(({ body }, at) => ({ id: ids[at] ?? id, body }));
  return { before: { epoch, id }, entries };
}

export const lastOf = ({ before: { id }, entries }: OwnEntries): string => entries.at(-1)?.id ?? id;

/** What clients showed at the start of a run, looked at now; again when that fails. */
export function givenAt(hub: SessionHub, own: OwnEntries): () => Promise<Conversation | null> {
  const looked = hub.messagesWith(own).catch(() => null);
  return async () => (await looked) ?? (await hub.messagesAt(own));
}

/** What clients answer while an operator does is kept; a run goes on with it when that is over. */
async function keepAnswers(
  core: Core,
  { session }: SessionHub,
  { command }: SendRequest,
  { continues: messageId = '', answers }: Draft,
  { participant, isClientTool }: Sender,
): Promise<PostedResponse> {
  const given = { messageId, answers, isClientTool };
  if (answers.length > 0) await takeAnswers(core, session, given, participant);
  const head = await core.log.head(session);
  const position = formatPosition({ epoch: head?.epoch ?? '', id: head?.top ?? origin });
  return { state: 'posted', command, position };
}

const before = ({ epoch, before: id }: AcceptedSend): string => formatPosition({ epoch, id });

function runOf(taken: AcceptedSend): Accepted['outcome'] {
  const { run } = taken;
  if (!run)
    throw new HoldfastError('conflict', 'unable to send: the command id is taken; use another');
  return { ...taken, run };
}

function baseOf({ base }: SendRequest): Position | null {
  if (base === undefined) return null;
  const position = parsePosition(base);
  if (position) return position;
  throw new HoldfastError('bad_request', 'unable to send: `base` is no position');
}
