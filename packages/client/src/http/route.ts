import {
  type ErrorCode,
  HoldfastError,
  isRecord,
  type PostedResponse,
  type QueuedResponse,
  type SendRequest,
  type SendResponse,
  type SnapshotResponse,
  type WireError,
} from '@holdfast/protocol';
import { abortError, onAbort } from '../abort.ts';
import type { Environment } from '../environment.ts';
import { mayPass, networkError, unable } from '../errors.ts';
import { type ChatTransportOptions, resolve } from '../options.ts';

export type RouteOptions = Pick<
  ChatTransportOptions,
  'headers' | 'credentials' | 'fetch' | 'body' | 'metadata'
> & { readonly api: string; readonly environment: Environment };

export interface CallOptions {
  readonly headers?: Record<string, string> | Headers | undefined;
  readonly body?: object | undefined;
  readonly metadata?: unknown;
}

/** How a send is answered: its run, its place in the queue, or that no run answers it. */
export type Answer = SendResponse | QueuedResponse | PostedResponse;

type Post = { readonly method: 'POST'; readonly body: string };
type Exchanged = { readonly url: string; readonly response: Response; readonly text: string };

/** The application's route: sends and snapshots travel as HTTP, with its cookies and headers. */
export interface Route {
  /** What travels, with the options of the transport and of the call in it. */
  complete(send: SendRequest, call: CallOptions): Promise<SendRequest>;
  /**
   * Repeats the send until it is answered: the command in it makes that safe (HF-HTTP-1). The
   * signal ends the repetition, not a request under way, which may already be heard. `isWanted` is
   * asked before each request; a send that is not is given up with an `AbortError`.
   */
  send(
    send: SendRequest,
    call: CallOptions,
    signal: AbortSignal,
    isWanted: () => boolean,
  ): Promise<Answer>;
  /**
   * `POST {api}/{id}/{verb}`, whose answer has the member; repeated as `send` is. What is posted must
   * be safe to repeat.
   */
  post<T>(
    session: string,
    verb: string,
    member: keyof T & string,
    body: object,
    signal: AbortSignal,
  ): Promise<T>;
  /** `GET {api}/{id}`, or what is older than a cursor: a response without runs and position. */
  history(session: string, before?: string, limit?: number): Promise<SnapshotResponse>;
}

/** How long a try may take, all of its answer included: 30 s, and 1 s more for each 16 kB that it sends. */
const tryMs = 30_000;
const charsPerMs = 16;
const tries = 20;
const retryBaseMs = 500;
const retryCapMs = 10_000;
/** `navigator.onLine` is a hint and no proof: while it says no, a try that failed is made again this late. */
const offlineMs = 30_000;

export function createRoute(options: RouteOptions): Route {
  const { api } = options;
  const { after, page, random } = options.environment;

  /** Ends what takes longer than a try may: a connection that is dead may never say so. */
  async function inTime<T>(ms: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ending = new AbortController();
    let end = (): void => {};
    const late = new Promise<never>((_, reject) => {
      end = after(ms, () => {
        // Not the signal alone: an own `fetch` may not heed it.
        reject(new Error('no answer in time'));
        ending.abort();
      });
    });
    try {
      return await Promise.race([act(ending.signal), late]);
    } finally {
      end();
    }
  }

  async function exchange(
    url: string,
    call: CallOptions,
    post: Post | undefined,
    signal: AbortSignal,
  ): Promise<Exchanged> {
    const credentials = await resolve(options.credentials);
    const headers = {
      ...(post && { 'content-type': 'application/json' }),
      ...lowerCased(await resolve(options.headers)),
      ...lowerCased(call.headers),
    };
    const fetch = options.fetch ?? globalThis.fetch;
    const init = { ...post, ...(credentials && { credentials }), headers, signal };
    const response = await fetch(url, init);
    return { url, response, text: await response.text() };
  }

  /** The answer, which the member tells from that of some other server. */
  async function ask(
    url: string,
    member: string,
    call: CallOptions,
    post?: Post,
  ): Promise<unknown> {
    const ms = tryMs + (post?.body.length ?? 0) / charsPerMs;
    const exchanged = await inTime(ms, (signal) => exchange(url, call, post, signal)).catch(
      (cause) => {
        // The SDK tells a lost network by these words.
        throw networkError(cause);
      },
    );
    const value = parsed(exchanged.text);
    if (exchanged.response.ok && isRecord(value) && member in value) return value;
    throw errorOf(exchanged, value);
  }

  /** Full jitter, and longer when the host calls itself offline; until the page wakes. */
  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    const ends: (() => void)[] = [];
    await new Promise<void>((wake) => {
      ends.push(after(ms, wake), page.listen({ wake, offline: () => {} }), onAbort(signal, wake));
    });
    for (const end of ends) end();
  }

  const urlOf = (path: string): string => api.replace(/\/?(?=[?#]|$)/, `/${path}`);

  async function repeat<T>(
    act: () => Promise<T>,
    signal: AbortSignal,
    isWanted = () => true,
  ): Promise<T> {
    for (let attempt = 1; ; ) {
      if (signal.aborted || !isWanted()) throw abortError();
      try {
        return await act();
      } catch (error) {
        const known = HoldfastError.is(error) ? error : undefined;
        if (attempt === tries || (known && !mayPass(known.code))) throw error;
        // What fails without an answer where there is no network says nothing of the server.
        const isOffline = !known && !page.isOnline();
        const ceiling = Math.min(retryCapMs, retryBaseMs * 2 ** (attempt - 1));
        const jitterMs = isOffline ? offlineMs : random() * ceiling;
        await pause(Math.max(known?.retryMs ?? 0, jitterMs), signal);
        if (!isOffline) attempt++;
      }
    }
  }

  return {
    complete: async (send, call) => {
      const metadata = call.metadata ?? (await resolve(options.metadata));
      const body = { ...(await resolve(options.body)), ...call.body };
      return { ...send, metadata, body: Object.keys(body).length > 0 ? body : undefined };
    },
    send: async (send, call, signal, isWanted) => {
      const post = { method: 'POST', body: JSON.stringify(send) } as const;
      return (await repeat(() => ask(api, 'command', call, post), signal, isWanted)) as Answer;
    },
    post: async <T>(
      session: string,
      verb: string,
      member: keyof T & string,
      body: object,
      signal: AbortSignal,
    ) => {
      const post = { method: 'POST', body: JSON.stringify(body) } as const;
      const url = urlOf(`${session}/${verb}`);
      return (await repeat(() => ask(url, member, {}, post), signal)) as T;
    },
    history: async (session, before, limit) => {
      let url = urlOf(session);
      if (before) url += `${url.includes('?') ? '&' : '?'}before=${encodeURIComponent(before)}`;
      if (limit) url += `&limit=${limit}`;
      try {
        return (await ask(url, 'messages', {})) as SnapshotResponse;
      } catch (cause) {
        if (HoldfastError.is(cause)) throw cause;
        throw unable('unavailable', 'ask the server: network failed', { cause });
      }
    },
  };
}

function lowerCased(headers: Record<string, string> | Headers | undefined): Record<string, string> {
  const lower: Record<string, string> = {};
  new Headers(headers).forEach((value, name) => {
    lower[name] = value;
  });
  return lower;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The codes of what an application refuses in its own words; of all others `bad_request`. */
const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  402: 'forbidden',
  403: 'forbidden',
  429: 'limit',
};

/** An application's own words are cut off behind these many characters. */
const mostWords = 2_000;

/**
 * What the application says in an answer of its own: its text, or the message in its JSON. Pages are no
 * words, but those of frameworks and proxies.
 */
function wordsOf({ response, text }: Exchanged, body: unknown): string {
  if (/html/.test(response.headers.get('content-type') ?? '')) return '';
  const within = isRecord(body) ? (body.error ?? body) : body;
  const words = isRecord(within) ? within.message : within;
  return (typeof words === 'string' && words ? words : text).slice(0, mostWords);
}

/** The error of an answer that is none, in the words of whoever answered where there are some. */
function errorOf(exchanged: Exchanged, body: unknown): HoldfastError {
  const { url, response } = exchanged;
  const { status } = response;
  const error = isRecord(body) && body.error;
  // Hosts and proxies answer in this form too, but with codes of another one.
  if (isRecord(error) && /^[a-z_]+$/.test(String(error.code))) {
    const { code, message, retryMs } = error as unknown as WireError;
    return new HoldfastError(code, message, { retryMs });
  }
  const words = wordsOf(exchanged, body);
  // What the path does not have says that the path is wrong.
  const isPassing = status >= 500 || [408, 425].includes(status);
  const code = codes[status] ?? 'bad_request';
  if (status >= 400 && !isPassing && words && ![404, 405].includes(status))
    return new HoldfastError(code, words, { cause: body ?? undefined });
  return unable(
    isPassing || status === 429 ? 'unavailable' : code,
    `ask the server: ${url} answered ${status} and not as Holdfast does; check the option "api"`,
  );
}
