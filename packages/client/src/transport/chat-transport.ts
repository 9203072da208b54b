import {
  type Chunk,
  clientLimits,
  isSessionId,
  type Message,
  type PostedResponse,
  type RunInfo,
  type SendRequest,
  toDraft,
} from '@holdfast/protocol';
import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai';
import { abortError, onAbort } from '../abort.ts';
import { createCommands } from '../commands/commands.ts';
import { createCancels } from '../connection/cancels.ts';
import { createCarriers } from '../connection/carrier/carriers.ts';
import { createConnection } from '../connection/connection.ts';
import { openSocket, socketUrl } from '../connection/socket.ts';
import type { CancelTarget } from '../contract/commands.ts';
import type { ChatTransportOptions } from '../contract/options.ts';
import type { OwnSend } from '../contract/session.ts';
import type { HoldfastChatTransport } from '../contract/transport.ts';
import { defaultEnvironment } from '../environment.ts';
import { unable } from '../errors.ts';
import { createFiles } from '../files/files.ts';
import { createComplete } from '../http/complete.ts';
import type { Completed } from '../http/completed.ts';
import { createRoute } from '../http/route.ts';
import { createDetachedSends, type SendDetached } from '../outbox/detached-sends.ts';
import { createKeptSends } from '../outbox/kept-sends.ts';
import { createOutbox } from '../outbox/outbox.ts';
import type { Session } from '../session/contract.ts';
import { isUnderWay } from '../session/own-send.ts';
import type { Reader } from '../session/reader.ts';
import { createSessions } from '../session/sessions.ts';
import { isQueued, isTold, turnOf } from '../session/turns.ts';
import { createMountTracker } from './mount-tracker.ts';
import { isEdited, transcriptOf } from './shown-transcript.ts';
import { warnings } from './warnings.ts';

type SendOptions<M extends UIMessage> = Parameters<ChatTransport<M>['sendMessages']>[0];
/** The position before the run is known from the answer, and not from the log. */
type FoundRun = Pick<RunInfo, 'run' | 'messageId'> & { readonly position?: string };
type Stream = ReadableStream<UIMessageChunk>;
type Stop = (command: string, target?: CancelTarget) => void;

interface Sending {
  readonly own: OwnSend;
  readonly stop: Stop;
  /** Aborted by a stop, by the end of the transport, and when the run is known. */
  readonly sending: AbortController;
  /** Settles when the server has spoken, also where nobody waits for that any more. */
  answer?: Promise<FoundRun | PostedResponse>;
}

/** Makes a transport. Nothing is opened or asked before it is used, so it may be made on a server. */
export function createChatTransport<UI_MESSAGE extends UIMessage = UIMessage>(
  options: ChatTransportOptions<UI_MESSAGE> = {},
): HoldfastChatTransport<UI_MESSAGE> {
  const { api = '/api/chat', url = '/holdfast' } = options;
  const address = (): string => socketUrl(url, api);
  const tell = options.onError ?? warnings(address);
  const environment = { ...defaultEnvironment, ...options.environment };
  const limits = { ...clientLimits, ...options.limits };
  /** Ends what is under way when the transport closes. */
  const closing = new AbortController();
  const { signal } = closing;
  const isClosed = (): boolean => signal.aborted;
  const shared = { ...options, api, limits, environment, report, signal, unable };
  const kept = createKeptSends({
    ...shared,
    acts: (session) => sessions.get(session).acts,
    send: (request) => sendDetached({ request, call: {} }, true),
  });
  const files = createFiles({ ...shared, route: () => route, session: (id) => sessions.get(id) });
  const route = createRoute({ ...shared, files });
  const carriers = createCarriers({
    ...shared,
    openSocket: () => openSocket(address(), options.WebSocket),
    route,
  });
  const connection = createConnection({
    ...shared,
    carriers,
    again: () => kept.store?.sendAll(),
  });
  const cancels = createCancels(connection, environment);
  // Cancels go first: what they stop need not be read.
  connection.users.add(cancels);
  const sessions = createSessions({ ...shared, connection, files });
  const loadSpecial = (until?: AbortSignal) =>
    route.load(() => import('./special-sends.ts'), until);
  const complete = createComplete<UI_MESSAGE>({ ...shared, stored: kept.ready, load: loadSpecial });
  const outbox = createOutbox({ ...shared, route, kept });
  const sendDetached: SendDetached = createDetachedSends({ ...shared, outbox, kept, sessions });
  const commands = createCommands<UI_MESSAGE>({
    ...shared,
    open,
    sendDetached,
    outbox,
    cancels,
    route,
    complete,
  });
  const mounts = createMountTracker(environment);

  function report(error: unknown): void {
    try {
      if (!isClosed()) tell(error);
    } catch {
      // An error handler that fails has nobody left to tell.
    }
  }

  /** Also behind a wait that may have ended at the very moment at which the transport is closed. */
  function open(chatId: string): Session {
    if (isClosed()) throw unable('unavailable', 'go on: closed');
    if (!isSessionId(chatId))
      throw unable('bad_request', 'use the chat id: it must match [A-Za-z0-9_-]{1,128}');
    void kept.ready?.();
    // Early: a message that the page has taken may wait for nothing else.
    if (options.prepareSendMessagesRequest) loadSpecial().catch(() => {});
    return sessions.get(chatId);
  }

  /** The effect of an abort of a stream that begins now: true when it stops the run, and not only the watching. */
  function stopping(session: Session, chatId: string): { stop: Stop; isStop: () => boolean } {
    const isLeaving = mounts.begin(chatId);
    const isStop = (): boolean => !isLeaving() && options.onAbort !== 'detach';
    const stop = (command: string, target: CancelTarget = { command }): void => {
      if (!isLeaving()) session.leave(command);
      if (isStop() && !isClosed()) cancels.request(chatId, target).catch(report);
    };
    return { stop, isStop };
  }

  /**
   * Sends until the run is known: from the answer or from the log, whichever speaks first. An abort
   * settles it at once; `sending` is not aborted by a detach, because nobody took the send back. The reader is
   * made here, while the socket is still wanted.
   */
  async function post(
    session: Session,
    { request, call }: Completed,
    { chatId, abortSignal }: SendOptions<UI_MESSAGE>,
    under: Sending,
  ): Promise<Reader | PostedResponse> {
    const { own, stop, sending } = under;
    const { command, continues } = request;
    const watching = new AbortController();
    const earlier = session.runOf(command)?.run;
    // At once, where the log tells of the run: what follows in the same breath may be shown once only.
    const read = ({ run, messageId, position: after }: FoundRun): Reader =>
      session.read({ run, messageId, after, answers: continues !== undefined });
    const sent = async (): Promise<FoundRun | PostedResponse> => {
      const { signal } = sending;
      for (;;) {
        const answer = await outbox.send({ own, request, call, signal, move: session.move });
        if ('run' in answer) return answer;
        session.move(own, 'taken');
        // A session that nobody follows tells nothing; who answers in it, only a snapshot says.
        onAbort(watching.signal, session.link());
        if (answer.state === 'queued') return await turnOf(answer, session, watching.signal);
        if (continues === undefined) return answer;
        // An answer that nothing came of would let the SDK ask for one again, and again.
        await session.until(() => {
          session.check();
          return isTold(answer, session) && !session.operator;
        }, watching.signal);
      }
    };
    const ends = [
      // A session that is known tells of the run over the socket, often before the answer comes.
      session.isKnown() ? session.link() : connection.want(),
      onAbort(signal, () => watching.abort()),
      onAbort(abortSignal, () => {
        stop(command);
        watching.abort();
      }),
    ];
    try {
      under.answer = sent();
      const found = await Promise.race([
        under.answer,
        session.until(() => {
          const run = session.runOf(command);
          // A run that was there before tells nothing: the server says whether this is the same send.
          return run && run.run !== earlier && read(run);
        }, watching.signal),
      ]);
      open(chatId);
      sending.abort();
      return 'run' in found && !('stream' in found) ? read(found) : found;
    } finally {
      watching.abort();
      for (const end of ends) end();
    }
  }

  function deliver(
    reader: Reader,
    abortSignal: AbortSignal | undefined,
    stopIt: () => void,
  ): Stream {
    onAbort(abortSignal, () => {
      if (reader.isOpen) stopIt();
      reader.abort();
    });
    return reader.stream as ReadableStream<Chunk> as unknown as Stream;
  }

  return {
    resumeStreamIsReplay: true,
    connection: connection.status,
    sendMessages: async (call) => {
      const { chatId, abortSignal } = call;
      const session = open(chatId);
      const { stop, isStop } = stopping(session, chatId);
      const messages = call.messages as unknown as readonly Message[];
      const made = toDraft({ ...call, id: chatId, messages }, environment.mintId);
      const sending = new AbortController();
      const ends = [
        onAbort(signal, () => sending.abort()),
        onAbort(abortSignal, () => isStop() && sending.abort()),
      ];
      const over = (): void => {
        for (const end of ends) end();
      };
      let under: Sending | undefined;
      try {
        let draft = made;
        if (made.continues) {
          const end = session.begin({ command: made.command, state: 'made' });
          ends.push(end);
          // The answers that it goes on with are read by what is loaded with the first of them.
          const { continued } = await loadSpecial(sending.signal);
          draft = await continued(session, made, messages, shared);
          end();
        }
        // A retry wants another run than the one that is known to have come to a bad end.
        const { state } = session.runOf(draft.command) ?? {};
        const isDead = state && state !== 'running' && state !== 'finished';
        const command = isDead ? environment.mintId() : draft.command;
        const edited = isEdited(session, messages, draft);
        const isCompared = edited || draft.after !== undefined || undefined;
        const transcript = isCompared && transcriptOf(session, messages, edited);
        // The list as it is: what it lacks is not shown again until the server has spoken.
        const last = messages.at(-1);
        const isAsked = isCompared && last?.role === 'user';
        const message = isAsked ? last : draft.message;
        const after = isAsked ? (messages.at(-2)?.id ?? null) : draft.after;
        // Behind a send of this client that the log has not shown yet, what that did is cut off too.
        const isAlone = ![...session.acts].some(isUnderWay);
        const base = (after !== undefined && isAlone && session.position) || undefined;
        const own: OwnSend = { command, message, after, state: 'made' };
        ends.push(session.begin(own));
        // An edit is shown when the server has taken it.
        if (!edited) session.shown = messages;
        // The log has the answers that the dead run went on with.
        const answers = isDead ? [] : draft.answers;
        const whole = { ...draft, command, base, transcript, answers };
        const completed = await complete(whole as SendRequest, call, sending.signal);
        // A message that the page has taken and shown is sent, also when the page is left at the same moment.
        if (own.state === 'withdrawn' || (abortSignal?.aborted && isStop())) throw abortError();
        under = { own, stop, sending };
        const reader = await post(session, completed, call, under);
        session.move(own, 'taken');
        session.shown = messages;
        if ('command' in reader) {
          void session.until(() => isTold(reader, session)).then(over);
          // Nobody answers it, or a person will.
          return new ReadableStream({ start: (controller) => controller.close() });
        }
        void session.until(() => session.runOf(command) || session.isPast(reader)).then(over);
        void session
          .until(() => reader.isDone)
          .then(() => {
            const { messageId: id, isShown } = reader;
            if (isShown && last?.id !== id && session.shown === messages)
              session.shown = [...messages, { id, role: 'assistant', parts: [] }];
          });
        return deliver(reader, abortSignal, () => stop(command));
      } catch (error) {
        // What was left is still on its way: it is shown to whoever comes back, and ends with the transport (HF-CLI-3).
        void Promise.resolve(isStop() || under?.answer).then(over, over);
        throw error;
      }
    },
    reconnectToStream: async (call) => {
      const { chatId, abortSignal } = call;
      const session = open(chatId);
      const { stop } = stopping(session, chatId);
      const ends = [session.link(), session.begin({})];
      try {
        await session.caughtUp(abortSignal);
        open(chatId);
        const messageId = session.liveRuns().at(-1)?.messageId;
        if (messageId === undefined) return null;
        const reader = session.read({ messageId, run: null });
        return deliver(reader, abortSignal, () => {
          if (!reader.isRead) return;
          for (const { run, command, messageId: target } of session.liveRuns())
            if (target === messageId) stop(command, { run });
        });
      } finally {
        for (const end of ends) end();
      }
    },
    session: sessions.get,
    cancel: async (chatId, target) => {
      const session = open(chatId);
      if (target) return await cancels.request(chatId, target);
      const unlink = session.link();
      try {
        const targets: CancelTarget[] = [];
        // A send that is seen to wait is none under way, though the answer to it may be.
        for (const { command } of [...session.acts].filter(isUnderWay))
          if (command && !isQueued(session, command)) targets.push({ command });
        if (targets.length === 0) await session.caughtUp();
        open(chatId);
        for (const { run } of session.liveRuns()) targets.push({ run });
        const states = await Promise.all(targets.map((each) => cancels.request(chatId, each)));
        return states.includes('stopping') ? 'stopping' : 'finished';
      } finally {
        unlink();
      }
    },
    ...commands,
    hold: (chatId) => {
      const release = mounts.add(chatId);
      const session = !isClosed() && isSessionId(chatId) ? open(chatId) : undefined;
      const unlink = session?.link();
      session?.present('here');
      return () => {
        release();
        if (!mounts.has(chatId)) session?.present('away');
        unlink?.();
      };
    },
    reconnect: connection.again,
    close: () => {
      if (isClosed()) return;
      closing.abort();
      const error = abortError();
      sessions.close(error);
      cancels.refuse(error);
      connection.close();
    },
  };
}
