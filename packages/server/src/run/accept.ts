import { createHash } from 'node:crypto';
import type { NewEntry, SendCommand, SendOutcome } from '@holdfast/log';
import {
  type Entry,
  HoldfastError,
  type Message,
  type Position,
  parsePosition,
  type QueuedResponse,
  type SendRequest,
  seqOf,
} from '@holdfast/protocol';
import type { Core } from '../core.ts';
import type { Participant } from '../options.ts';
import type { SessionHub } from '../session/hub.ts';
import { type Draft, draftOf, never, rolledBack } from './draft.ts';
import { enqueue, isBusy, isQueueing } from './queue.ts';
import { runNote } from './run-info.ts';
import { validateMessage } from './validate-message.ts';
import { interruptRuns, policyOf } from './while-busy.ts';
import { retryUnavailable } from './writer.ts';

export interface Sender {
  readonly by: { readonly id: string; readonly role: 'user' | 'agent' | 'operator' };
  readonly participant: Participant;
  readonly agentName: string;
}

type Taken = Extract<SendOutcome, { readonly kind: 'accepted' | 'duplicate' }>;

/** A send that the log has. */
export interface Accepted {
  readonly outcome: Taken & { readonly run: NonNullable<Taken['run']> };
  /** The run that this send would have started; another one when it was sent before. */
  readonly run: string;
  readonly messageId: string;
  /** Live runs whose messages the send cut off. */
  readonly cancels: readonly string[];
  /** Number of the entry that starts the run: the agent sees all up to it. */
  readonly startedAt: number;
  /** Id of that entry. */
  readonly through: string;
  /** Writes the same again. */
  repeat(): Promise<SendOutcome>;
}

/** How long a send is repeated to the log before the client is told to repeat it itself, in ms. */
const patienceMs = 5_000;
/** How often a send is drafted when others keep coming in between. */
const drafts = 5;

/**
 * Writes a send into the log, checked against the session as it is there. Rejects with `bad_request`,
 * `conflict`, `full`, `too_large` or `unavailable`.
 */
export async function accept(
  core: Core,
  hub: SessionHub,
  body: SendRequest,
  sender: Sender,
): Promise<Accepted | QueuedResponse> {
  const { message } = body;
  if (message) await validateMessage(message);
  const policy = await policyOf(core, body, sender.participant);
  const queued = async () => {
    if (!isQueueing(policy) || !message) return null;
    const kept = { agent: sender.agentName, participant: sender.participant };
    const answer = await enqueue(core, hub, { ...body, message }, policy, sender.by, kept);
    return typeof answer === 'string' ? null : answer;
  };
  /** Messages whose answers are not wanted any more. */
  const dropped = new Set<string>();
  const base = baseOf(body);
  const run = core.environment.id();
  const freshId = core.environment.id();
  // What the sender has seen must be seen here too.
  let through = base ? seqOf(base.id) : 0;
  for (let left = drafts; ; left--) {
    const waiting = await queued();
    if (waiting) return waiting;
    const draft = await hub.project(async (projection, position, view) => {
      const now = await draftOf(view, rolledBack(view, body, dropped), base, core.openCalls);
      if (!isQueueing(policy) || !message || now.expect) return now;
      // One that is queued meanwhile is not overtaken, and its own repetition not sent twice.
      return { ...now, expect: { position: isBusy(projection) ? never : position, seen: false } };
    }, through);
    if (draft.refused && through !== Number.POSITIVE_INFINITY) {
      // What was delivered so far may be less than what the log has.
      through = Number.POSITIVE_INFINITY;
      continue;
    }
    const messageId = draft.continues ?? freshId;
    const command = {
      ...commandOf(core, body, draft, sender, { run, messageId }),
      ...(policy === 'parallel' ? {} : { alone: true }),
    };
    const repeat = () => core.log.send(body.id, command);
    const outcome = await retryUnavailable(repeat, patienceMs, core.environment);
    if (outcome.kind === 'stale' && !draft.expect?.seen && left > 1) {
      // Another send came in between: what it did is looked at first.
      through = Number.POSITIVE_INFINITY;
      continue;
    }
    if (outcome.kind === 'busy' && isQueueing(policy) && left > 1) continue;
    if (outcome.kind === 'busy' && policy !== 'reject' && left > 1) {
      const messages = await interruptRuns(core, hub, sender.participant);
      if (policy === 'rollback') for (const each of messages) dropped.add(each);
      through = Number.POSITIVE_INFINITY;
      continue;
    }
    const taken = takenOf(outcome, draft);
    const startedAt = seqOf(taken.before) + command.entries.length;
    if (taken.kind === 'accepted')
      await hub.wrote(
        { epoch: taken.epoch, id: taken.before },
        command.entries.map(({ nonce, body: text }, index) => ({
          id: `${seqOf(taken.before) + 1 + index}-${nonce}`,
          body: text,
        })),
      );
    return {
      outcome: taken,
      run,
      messageId,
      cancels: draft.cancels,
      startedAt,
      through: `${startedAt}-${command.entries.at(-1)?.nonce}`,
      repeat,
    };
  }
}

function takenOf(outcome: SendOutcome, draft: Draft): Accepted['outcome'] {
  if (outcome.kind === 'full')
    throw new HoldfastError(
      'full',
      'unable to send: the session has reached its size limit; start a new session',
    );
  if (outcome.kind === 'busy')
    throw new HoldfastError(
      'busy',
      'unable to send: an answer is being written; wait for its end or stop it, and send again',
    );
  if (outcome.kind === 'other' || (outcome.kind === 'stale' && draft.refused === 'taken'))
    throw new HoldfastError(
      'conflict',
      'unable to send: the session has another message with this id; give the message a new one',
    );
  if (outcome.kind === 'stale' && draft.refused === 'unanswered')
    throw new HoldfastError(
      'conflict',
      'unable to send: calls of the message wait for answers; give those first',
    );
  if (outcome.kind === 'stale' && draft.refused === 'settled')
    throw new HoldfastError(
      'conflict',
      'unable to send: the calls were settled before; the session shows how',
    );
  if (outcome.kind !== 'accepted' && outcome.kind !== 'duplicate')
    throw new HoldfastError(
      'conflict',
      'unable to send: another message came in between; look at the session and try again',
    );
  const { run } = outcome;
  if (!run)
    throw new HoldfastError('conflict', 'unable to send: the command id is taken; use another');
  return { ...outcome, run };
}

export function commandOf(
  { environment, limits }: Core,
  { command, message }: SendRequest,
  { after, continues, answers, settlements, expect }: Draft,
  { by, agentName: agent }: Sender,
  { run, messageId }: { readonly run: string; readonly messageId: string },
): SendCommand {
  const at = environment.now();
  const note = (entry: Entry): NewEntry => ({
    nonce: environment.nonce(),
    body: JSON.stringify(entry),
  });
  const entries: NewEntry[] = [];
  if (after !== undefined) entries.push(note({ k: 'truncate', after, by, at }));
  for (const { messageId: settled, chunks } of settlements)
    entries.push(note({ k: 'answer', messageId: settled, chunks, at }));
  if (message) entries.push(note({ k: 'message', message, by, at }));
  if (answers.length > 0 && continues)
    entries.push(note({ k: 'answer', messageId: continues, chunks: answers, by, at }));
  const goesOn = continues === undefined ? {} : { continues: true as const };
  const started = { run, attempt: 1, agent, messageId, command, ...goesOn, at };
  entries.push(note({ k: 'run-start', ...started }));
  return {
    command,
    ...(message ? { digest: digestOf(message) } : {}),
    ...(expect ? { expect: expect.position } : {}),
    entries,
    run: {
      run,
      info: runNote({ messageId, agent, command }),
      leaseMs: limits.leaseMs,
      stopped: note({ k: 'run-end', run, attempt: 1, outcome: 'stopped', messageId, at }),
    },
  };
}

const digestOf = (message: Message): string =>
  createHash('sha256').update(JSON.stringify(message)).digest('base64url').slice(0, 16);

function baseOf({ base }: SendRequest): Position | null {
  if (base === undefined) return null;
  const position = parsePosition(base);
  if (position) return position;
  throw new HoldfastError('bad_request', 'unable to send: `base` is no position');
}
