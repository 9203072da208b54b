import { type Chunk, type ClaimResponse, HoldfastError } from '@holdfast/protocol';
import { callKey, callsOf, chunksOfItem, type ProjectedItem } from '@holdfast/protocol/projection';
import type { UIDataTypes, UIMessage, UITools } from 'ai';
import { createChanges } from '../changes.ts';
import type { Environment } from '../environment.ts';
import { mayPass, messageOf } from '../errors.ts';
import type { Answering } from './answering.ts';
import type { SyncContext } from './context.ts';

/** The call that a client tool is to execute. */
export interface ClientToolCall {
  /** Id of the call. */
  readonly toolCallId: string;
  /** Id of the message with the call. */
  readonly messageId: string;
  /**
   * Fires when the call was answered elsewhere or the conversation went on without, and when this
   * client was taken for dead, so that another one executes it.
   */
  readonly signal: AbortSignal;
}

/** The tools of a type of messages. */
type ToolsOf<UI_MESSAGE extends UIMessage> =
  UI_MESSAGE extends UIMessage<unknown, UIDataTypes, infer TOOLS> ? TOOLS : UITools;

/**
 * Tools that a client executes, by name. What one resolves with is the call's output, and what it
 * throws its error.
 */
export type ClientTools<UI_MESSAGE extends UIMessage = UIMessage> = {
  readonly [NAME in keyof ToolsOf<UI_MESSAGE>]?: (
    input: ToolsOf<UI_MESSAGE>[NAME]['input'],
    call: ClientToolCall,
  ) => ToolsOf<UI_MESSAGE>[NAME]['output'] | PromiseLike<ToolsOf<UI_MESSAGE>[NAME]['output']>;
};

type Execute = (input: unknown, call: ClientToolCall) => unknown;

/** Executes calls of client tools that stand open, each in one client at a time. */
export interface ToolRunner {
  /** Looks for calls that have come, or are settled. */
  look(): void;
  /** Begins no further call. One that is being executed is brought to its end: it may be half done. */
  stop(): void;
}

interface Call {
  readonly messageId: string;
  readonly toolCallId: string;
  readonly input: unknown;
  readonly execute: Execute;
  readonly settled: AbortController;
}

/** A claim is renewed this many times before it would run out. */
const renewals = 3;

export function createToolRunner<UI_MESSAGE extends UIMessage>(
  { chat: { id }, transport, model, session, environment }: SyncContext<UI_MESSAGE>,
  /** As they are when a call comes. */
  toolsNow: () => object | undefined,
  give: Answering['give'],
): ToolRunner {
  const holder = environment.mintId();
  const calls = new Map<string, Call>();
  const looked = new WeakMap<ProjectedItem, number>();
  const { notify, until } = createChanges();
  let isStopped = false;

  const claim = ({ messageId, toolCallId }: Call, release = false): Promise<ClaimResponse> =>
    transport.claim(id, { messageId, toolCallId, holder, ...(release ? { release } : {}) });

  /** Resolves after that time, and at once when the call is settled or nothing is to be begun any more. */
  async function pause(ms: number, { settled }: Call): Promise<void> {
    let isOver = false;
    const end = environment.after(ms, () => {
      isOver = true;
      notify();
    });
    await until(() => isOver || isStopped || settled.signal.aborted);
    end();
  }

  /** False when the call is not this client's to execute any more. */
  async function take(call: Call): Promise<number | null> {
    while (!isStopped && !call.settled.signal.aborted) {
      const claimed = await claim(call);
      if (claimed.state === 'settled') return null;
      if (claimed.state === 'taken') {
        await pause(claimed.retryMs, call);
        continue;
      }
      if (!isStopped) return claimed.leaseMs;
      // Nothing was begun: another client need not wait.
      await claim(call, true);
    }
    return null;
  }

  /** False when the claim is lost, or nobody can tell. */
  async function renew(call: Call): Promise<boolean> {
    try {
      const isHeld = (await claim(call)).state === 'held';
      if (!isHeld) call.settled.abort();
      return isHeld;
    } catch (error) {
      session.report(error);
      return false;
    }
  }

  function forget({ messageId, toolCallId }: Call): void {
    calls.delete(keyOf(messageId, toolCallId));
    const item = model.projection.item(messageId);
    if (item) looked.delete(item);
  }

  async function run(call: Call): Promise<void> {
    const leaseMs = await take(call).catch((error: unknown) => {
      // Nothing was begun, and nobody may have heard of it: the next look asks again.
      if (!HoldfastError.is(error) || mayPass(error.code)) forget(call);
      throw error;
    });
    if (leaseMs === null) return;
    const release = repeated(() => renew(call), leaseMs / renewals, environment.after);
    try {
      const answer = await resultOf(call);
      // Also when it is too late: the first answer stands, and this one may be the first.
      await give(call.messageId, [answer]);
    } finally {
      release();
    }
  }

  function lookAt(item: ProjectedItem): void {
    if (item.kind !== 'assistant' || looked.get(item) === item.version) return;
    looked.set(item, item.version);
    for (const { key, isOpen, execute, ...made } of toolCallsIn(item, toolsNow())) {
      if (!isOpen) calls.get(key)?.settled.abort();
      if (!isOpen || !execute || calls.has(key)) continue;
      const call = { ...made, messageId: item.id, execute, settled: new AbortController() };
      calls.set(key, call);
      run(call).catch(session.report);
    }
  }

  return {
    look: () => {
      if (isStopped || !toolsNow()) return;
      for (const item of model.projection.items) lookAt(item);
      // What was cut off, or is settled, takes no answer any more.
      for (const { messageId, settled } of calls.values())
        if (model.projection.item(messageId)?.kind !== 'assistant') settled.abort();
      notify();
    },
    stop: () => {
      isStopped = true;
      notify();
    },
  };
}

const keyOf = (messageId: string, toolCallId: unknown): string =>
  `${messageId} ${String(toolCallId)}`;

/** The calls of a message: whether each waits for an answer, and what executes it, where the page has its tool. */
function toolCallsIn(item: ProjectedItem & { readonly kind: 'assistant' }, tools: object = {}) {
  const chunks = chunksOfItem(item);
  const { unanswered } = callsOf(chunks);
  return chunks
    .filter(({ type }) => type === 'tool-input-available')
    .map(({ toolCallId, toolName, input }) => ({
      key: keyOf(item.id, toolCallId),
      isOpen: unanswered.has(callKey('call', toolCallId)),
      toolCallId: String(toolCallId),
      input,
      execute: Object.hasOwn(tools, String(toolName))
        ? (tools as Readonly<Record<string, Execute>>)[String(toolName)]
        : undefined,
    }));
}

/** Does it again and again for as long as it gives true, until the returned function is called. */
function repeated(
  again: () => Promise<boolean>,
  everyMs: number,
  after: Environment['after'],
): () => void {
  let end = (): void => {};
  let isOver = false;
  const next = (): void => {
    end = after(everyMs, () => {
      void again().then((goesOn) => {
        if (goesOn && !isOver) next();
      });
    });
  };
  next();
  return () => {
    isOver = true;
    end();
  };
}

/** Executes a call; resolves with the chunk that answers it, also when its tool throws. */
function resultOf({
  messageId,
  toolCallId,
  input,
  execute,
  settled: { signal },
}: Call): Promise<Chunk> {
  return Promise.resolve()
    .then(() => execute(input, { toolCallId, messageId, signal }))
    .then(
      (output) => ({ type: 'tool-output-available', toolCallId, output: output ?? null }),
      (error: unknown) => ({ type: 'tool-output-error', toolCallId, errorText: messageOf(error) }),
    );
}
