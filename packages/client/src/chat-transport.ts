import {
  type CancelState,
  type Chunk,
  defaultLimits,
  HoldfastError,
  isSessionId,
  type Message,
  type SendRequest,
  toSendRequest,
} from '@holdfast/protocol';
import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai';
import { abortError, onAbort } from './abort.ts';
import type { Observable } from './changes.ts';
import type { CancelTarget } from './connection/cancels.ts';
import { defaultSocket, socketUrl } from './connection/socket.ts';
import type { ConnectionStatus } from './connection/status.ts';
import type { HoldfastChatTransport, SessionSnapshot, SessionView } from './contract.ts';
import { defaultEnvironment, type Environment } from './environment.ts';
import { Holds } from './holds.ts';
import { Route } from './http/route.ts';
import { type ChatTransportOptions, resolve } from './options.ts';
import type { Interest, Reader } from './session/reader.ts';
import type { Session } from './session/session.ts';
import { Sessions } from './sessions.ts';

/** Makes a transport. Nothing is opened or asked before it is used, so it may be made on a server. */
export function createChatTransport<UI_MESSAGE extends UIMessage = UIMessage>(
  options: ChatTransportOptions = {},
): HoldfastChatTransport<UI_MESSAGE> {
  return new DurableChatTransport<UI_MESSAGE>(options);
}

type SendOptions<M extends UIMessage> = Parameters<ChatTransport<M>['sendMessages']>[0];
type ReconnectOptions<M extends UIMessage> = Parameters<ChatTransport<M>['reconnectToStream']>[0];
type Stream = ReadableStream<UIMessageChunk>;

class DurableChatTransport<UI_MESSAGE extends UIMessage>
  implements HoldfastChatTransport<UI_MESSAGE>
{
  readonly resumeStreamIsReplay = true;
  readonly #options: ChatTransportOptions;
  readonly #environment: Environment;
  readonly #sessions: Sessions;
  readonly #route: Route;
  readonly #holds: Holds;
  /** Ends what is under way when the transport closes. */
  readonly #closing = new AbortController();
  /** Sends that no run is known of, by command. */
  readonly #sending = new Map<string, string>();

  constructor(options: ChatTransportOptions) {
    const { api = '/api/chat', url = '/holdfast' } = options;
    const environment = { ...defaultEnvironment, ...options.environment };
    this.#options = options;
    this.#environment = environment;
    this.#route = new Route({ ...options, api, environment });
    this.#holds = new Holds(environment);
    this.#sessions = new Sessions({
      url: () => socketUrl(url, api),
      WebSocket: () => options.WebSocket ?? defaultSocket(),
      token: () => resolve(options.token),
      limits: { ...defaultLimits, ...options.limits },
      environment,
      report: (error) => this.#report(error),
    });
  }

  get connection(): Observable<ConnectionStatus> {
    return this.#sessions.status;
  }

  async sendMessages(options: SendOptions<UI_MESSAGE>): Promise<Stream> {
    const { chatId, trigger, messageId, abortSignal } = options;
    const session = this.#session('send', chatId);
    const messages = options.messages as unknown as readonly Message[];
    const draft = toSendRequest(
      { id: chatId, trigger, messageId, messages },
      this.#environment.mintId,
    );
    if (abortSignal?.aborted) throw abortError();
    const send = await this.#route.complete(withoutSettled(draft, session), options);
    if (abortSignal?.aborted) throw abortError();

    const { command, continues } = send;
    const cancel = (): void => this.#cancelQuietly(chatId, { command });
    const partsBefore = messages.find(({ id }) => id === continues)?.parts.length;
    const goesOn = partsBefore === undefined ? {} : { answers: true, partsBefore };
    const reader = await this.#post(session, send, options, goesOn, cancel);
    return this.#deliver(reader, chatId, abortSignal, cancel);
  }

  async reconnectToStream(options: ReconnectOptions<UI_MESSAGE>): Promise<Stream | null> {
    const { chatId, abortSignal } = options;
    const session = this.#session('reconnect', chatId);
    if (abortSignal?.aborted) throw abortError();
    const unlink = session.link();
    try {
      await session.caughtUp(abortSignal);
      const messageId = session.liveRuns.at(-1)?.messageId;
      if (messageId === undefined) return null;
      const reader = session.read({ messageId, run: null });
      return this.#deliver(reader, chatId, abortSignal, () => {
        if (!reader.isRead) return;
        for (const { run, messageId: target } of session.liveRuns)
          if (target === messageId) this.#cancelQuietly(chatId, { run });
      });
    } finally {
      unlink();
    }
  }

  session(chatId: string): SessionView {
    const session = this.#sessions.get(chatId);
    return {
      subscribe: session.subscribe,
      getSnapshot: session.runs,
      get runs() {
        return session.runs();
      },
      get position() {
        return session.position;
      },
    };
  }

  async cancel(chatId: string, target?: CancelTarget): Promise<CancelState> {
    const session = this.#session('cancel', chatId);
    if (target) return await this.#sessions.cancel(chatId, target);
    const unlink = session.link();
    try {
      const commands = [...this.#sending].filter(([, id]) => id === chatId);
      const asked = commands.map(([command]) => this.#sessions.cancel(chatId, { command }));
      if (asked.length === 0) await session.caughtUp();
      for (const { run } of session.liveRuns) asked.push(this.#sessions.cancel(chatId, { run }));
      return (await Promise.all(asked)).includes('stopping') ? 'stopping' : 'finished';
    } finally {
      unlink();
    }
  }

  async snapshot(chatId: string): Promise<SessionSnapshot<UI_MESSAGE>> {
    this.#session('read the session', chatId);
    const { messages, ...rest } = await this.#route.snapshot(chatId);
    return { ...rest, messages: messages as unknown as UI_MESSAGE[] };
  }

  hold(chatId: string): () => void {
    const release = this.#holds.take(chatId);
    const canFollow = !this.#closing.signal.aborted && isSessionId(chatId);
    const unlink = canFollow ? this.#sessions.get(chatId).link() : null;
    return () => {
      release();
      unlink?.();
    };
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#holds.close();
    this.#sessions.close();
  }

  #session(what: string, chatId: string): Session {
    if (this.#closing.signal.aborted)
      throw new HoldfastError('unavailable', `unable to ${what}: the transport is closed`);
    if (!isSessionId(chatId))
      throw new HoldfastError(
        'bad_request',
        `unable to ${what}: a chat id has 1 to 128 letters, digits, "_" or "-"`,
      );
    return this.#sessions.get(chatId);
  }

  /**
   * Sends until the run is known: from the answer or from the log, whichever speaks first. An abort
   * settles it at once. After a detach the send goes on, because nobody took it back. The reader is
   * made here, while the socket is still wanted.
   */
  async #post(
    session: Session,
    send: SendRequest,
    options: SendOptions<UI_MESSAGE>,
    goesOn: Pick<Interest, 'answers' | 'partsBefore'>,
    cancel: () => void,
  ): Promise<Reader> {
    const { chatId, abortSignal } = options;
    const { command } = send;
    const repeating = new AbortController();
    const watching = new AbortController();
    let reject: (error: Error) => void = () => {};
    const aborted = new Promise<never>((_, rejectAborted) => {
      reject = rejectAborted;
    });
    const ends = [
      // A session that is known tells of the run over the socket, often before the answer comes.
      session.isKnown ? session.link() : this.#sessions.want(),
      onAbort(this.#closing.signal, () => {
        repeating.abort();
        reject(abortError());
      }),
      onAbort(abortSignal, () => {
        if (this.#isCancel(chatId)) {
          cancel();
          repeating.abort();
        }
        reject(abortError());
      }),
      () => watching.abort(),
    ];
    this.#sending.set(command, chatId);
    try {
      const posted = this.#route.send(send, options, repeating.signal);
      const found = await Promise.race([posted, session.runOf(command, watching.signal), aborted]);
      repeating.abort();
      const { run, messageId } = found;
      const after = 'position' in found ? { after: found.position } : {};
      return session.read({ run, messageId, ...after, ...goesOn });
    } finally {
      this.#sending.delete(command);
      for (const end of ends) end();
    }
  }

  #deliver(
    reader: Reader,
    chatId: string,
    abortSignal: AbortSignal | undefined,
    cancel: () => void,
  ): Stream {
    onAbort(abortSignal, () => {
      if (reader.isOpen && this.#isCancel(chatId)) cancel();
      reader.abort();
    });
    return reader.stream as ReadableStream<Chunk> as unknown as Stream;
  }

  #isCancel(chatId: string): boolean {
    return this.#options.onAbort !== 'detach' && !this.#holds.isLeaving(chatId);
  }

  #cancelQuietly(chatId: string, target: CancelTarget): void {
    if (this.#closing.signal.aborted) return;
    this.#sessions.cancel(chatId, target).catch((error: unknown) => this.#report(error));
  }

  #report(error: unknown): void {
    try {
      if (!this.#closing.signal.aborted) this.#options.onError?.(error);
    } catch {
      // An error handler that fails has nobody left to tell.
    }
  }
}

/** Answers that the log has already need not be sent; the server leaves them out in any case. */
function withoutSettled(send: SendRequest, session: Session): SendRequest {
  const { answers, continues } = send;
  if (!answers || continues === undefined) return send;
  const settled = session.settledIn(continues);
  const open = answers.filter(
    ({ toolCallId, approvalId }) => !settled.has(toolCallId ?? approvalId),
  );
  return { ...send, answers: open };
}
