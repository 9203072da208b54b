import type { NewEntry, SendCommand } from '@holdfast/log';
import {
  type Chunk,
  type Entry,
  formatPosition,
  HoldfastError,
  type Message,
  type SendRequest,
  type SendResponse,
  seqOf,
} from '@holdfast/protocol';
import { safeValidateUIMessages, type UIMessage } from 'ai';
import { authorOf } from '../authorize.ts';
import type { Core } from '../core.ts';
import type { Agent, Participant } from '../options.ts';
import type { SessionHub } from '../session/hub.ts';
import type { SessionProjection } from '../session/projection.ts';
import { toChunkStream } from './agent-stream.ts';
import { openAnswers } from './answers.ts';
import { executeRun } from './run.ts';
import { retryUnavailable } from './writer.ts';

export interface Sending<UI_MESSAGE extends UIMessage> {
  readonly request: Request;
  readonly participant: Participant;
  readonly agent: Agent<UI_MESSAGE>;
  readonly agentName: string;
}

/** A send that the log has: its answer, and the run's end where this process executes it. */
export interface Sent {
  readonly response: SendResponse;
  readonly done: Promise<void> | null;
}

/** How long a send is repeated to the log before the client is told to repeat it itself, in ms. */
const patienceMs = 5_000;

/**
 * Takes a send into the log and starts its run. The run goes on when whoever asked for it is gone
 * (HF-HTTP-5). Rejects with `bad_request`, `conflict`, `full`, `too_large` or `unavailable`; then
 * nothing of the send is in the log, or, after `unavailable`, repeating it is safe (HF-HTTP-1).
 */
export async function send<UI_MESSAGE extends UIMessage>(
  core: Core,
  body: SendRequest,
  sending: Sending<UI_MESSAGE>,
): Promise<Sent> {
  const { environment, log } = core;
  await validateMessage(body.message);
  const share = await core.hubs.acquire(body.id);
  let executing = false;
  try {
    const { hub } = share;
    // What other processes write at the same time may come before or behind this send.
    const draft = await hub.project((projection) => draftOf(projection, body), 0);
    const run = environment.id();
    const messageId = draft.continues ?? environment.id();
    const at = environment.now();
    const by = authorOf(sending.participant);
    const note = (entry: Entry): NewEntry => ({
      nonce: environment.nonce(),
      body: JSON.stringify(entry),
    });
    const entries: NewEntry[] = [];
    if (draft.after !== undefined)
      entries.push(note({ k: 'truncate', after: draft.after, by, at }));
    if (body.message) entries.push(note({ k: 'message', message: body.message, by, at }));
    if (draft.answers.length > 0 && draft.continues)
      entries.push(
        note({ k: 'answer', messageId: draft.continues, chunks: draft.answers, by, at }),
      );
    const { command } = body;
    const started = { run, attempt: 1, messageId };
    entries.push(note({ k: 'run-start', ...started, agent: sending.agentName, command, at }));
    const sendCommand: SendCommand = {
      command,
      entries,
      run: {
        run,
        info: JSON.stringify({ messageId, agent: sending.agentName, command }),
        leaseMs: core.limits.leaseMs,
        stopped: note({ k: 'run-end', run, attempt: 1, outcome: 'stopped', at }),
      },
    };
    const repeat = () => log.send(body.id, sendCommand);
    const outcome = await retryUnavailable(repeat, patienceMs, environment);
    if (outcome.kind === 'full')
      throw new HoldfastError(
        'full',
        'unable to send: the session has reached its size limit; start a new session',
      );
    const accepted = outcome.run;
    if (!accepted)
      throw new HoldfastError('conflict', 'unable to send: the command id is taken; use another');
    const response: SendResponse = {
      run: accepted.run,
      messageId: messageIdOf(accepted.info) ?? messageId,
      command,
      position: formatPosition({ epoch: outcome.epoch, id: outcome.before }),
      state: accepted.state,
    };
    // The repetition of a send whose first answer was lost on the way is still ours to execute.
    if (accepted.run !== run || accepted.state !== 'running') return { response, done: null };
    await cancelTruncated(core, hub, body.id, draft.cancels);
    executing = true;
    const done = execute(core, hub, body, sending, {
      run,
      messageId,
      startedAt: seqOf(outcome.before) + entries.length,
      restart: async () => (await repeat()).kind === 'accepted',
    }).finally(() => share.release());
    return { response, done };
  } finally {
    if (!executing) share.release();
  }
}

interface Draft {
  readonly after: string | null | undefined;
  readonly continues: string | undefined;
  readonly answers: readonly Chunk[];
  /** Live runs whose messages are cut off. */
  readonly cancels: readonly string[];
}

/** Checks a send against the session as it is. */
function draftOf(projection: SessionProjection, body: SendRequest): Draft {
  const { after, continues } = body;
  if (after != null && !projection.item(after))
    throw new HoldfastError(
      'conflict',
      'unable to send: the message to go on from is gone; load the session again',
    );
  let answers: readonly Chunk[] = [];
  if (continues !== undefined) {
    const chunks = projection.chunksOf(continues);
    if (!chunks)
      throw new HoldfastError(
        'conflict',
        'unable to send: the message to continue is gone; load the session again',
      );
    answers = openAnswers(chunks, body.answers ?? []);
  } else if (body.answers && body.answers.length > 0)
    throw new HoldfastError('bad_request', 'unable to send: answers need `continues`');
  const cancels: string[] = [];
  if (after !== undefined) {
    let behind = after === null;
    const cut = new Set<string>();
    for (const { id } of projection.items) {
      if (behind) cut.add(id);
      if (id === after) behind = true;
    }
    for (const run of projection.liveRuns) if (cut.has(run.messageId)) cancels.push(run.run);
  }
  return { after, continues, answers, cancels };
}

/** A run whose message was cut off has nobody to write for. */
async function cancelTruncated(
  core: Core,
  hub: SessionHub,
  session: string,
  runs: readonly string[],
): Promise<void> {
  for (const run of runs) {
    const entry = (id: string): NewEntry => ({
      nonce: core.environment.nonce(),
      body: JSON.stringify({ k: 'cancel', run: id, at: core.environment.now() }),
    });
    await core.log.cancel(session, { target: { run }, entry }).catch((error: unknown) => {
      core.report(error, { session: hub.session, run });
    });
  }
}

async function execute<UI_MESSAGE extends UIMessage>(
  core: Core,
  hub: SessionHub,
  body: SendRequest,
  sending: Sending<UI_MESSAGE>,
  target: {
    readonly run: string;
    readonly messageId: string;
    /** Number of the entry that starts the run: the agent sees all up to it. */
    readonly startedAt: number;
    restart(): Promise<boolean>;
  },
): Promise<void> {
  const { run, messageId } = target;
  const session = body.id;
  const errorText = (error: unknown): string => {
    core.report(error, { session, run });
    return core.errorText(error);
  };
  await executeRun({
    log: core.log,
    hub,
    session,
    run,
    attempt: 1,
    messageId,
    limits: core.limits,
    environment: core.environment,
    report: core.report,
    errorText: core.errorText,
    restart: target.restart,
    source: async (signal) => {
      const { messages } = await retryUnavailable(
        () => hub.messages(target.startedAt),
        core.limits.patienceMs,
        core.environment,
      );
      const result = await sending.agent({
        sessionId: session,
        runId: run,
        messageId,
        // The application chose the type of its messages; user messages passed the SDK's validator.
        messages: messages as unknown as UI_MESSAGE[],
        trigger: body.trigger,
        participant: sending.participant,
        signal,
        metadata: body.metadata,
        body: body.body ?? {},
        headers: sending.request.headers,
        request: sending.request,
      });
      return toChunkStream(result, {
        ...core.stream,
        generateMessageId: () => messageId,
        onError: errorText,
      });
    },
  });
}

function messageIdOf(info: string): string | null {
  const { messageId } = JSON.parse(info) as { messageId?: unknown };
  return typeof messageId === 'string' ? messageId : null;
}

async function validateMessage(message: Message | undefined): Promise<void> {
  if (message === undefined) return;
  if (message.role !== 'user')
    throw new HoldfastError(
      'bad_request',
      'unable to send: a client may only write messages with the role user',
    );
  const valid = await safeValidateUIMessages({ messages: [message] });
  if (!valid.success)
    throw new HoldfastError('bad_request', 'unable to send: the message is no valid UIMessage', {
      cause: valid.error,
    });
}
