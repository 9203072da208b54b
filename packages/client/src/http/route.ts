import {
  HoldfastError,
  jsonIn,
  type PostedResponse,
  type QueuedResponse,
  type SendRequest,
  type SendResponse,
  type WireError,
} from '@holdfast/protocol';
import { abortError, onAbort } from '../abort.ts';
import type { ChatTransportOptions } from '../contract/options.ts';
import type { Environment } from '../environment.ts';
import { failed, mayPass, unable } from '../errors.ts';
import type { Exchanged } from '../faults.ts';
import type { Ask, Asked, FileWork, Query, Sent } from '../files/contract.ts';
import { isLiftable, refers } from '../files/files.ts';
import { type Resolvable, resolve } from '../resolvable.ts';

export type RouteOptions = Pick<
  ChatTransportOptions,
  'headers' | 'credentials' | 'fetch' | 'token'
> & {
  readonly api: string;
  readonly environment: Environment;
  /** Fires when the transport closes. */
  readonly signal: AbortSignal;
  readonly files: FileWork;
};

/** Where headers come from. */
interface WithHeaders {
  readonly headers?: Resolvable<HeadersInit> | undefined;
}

export interface CallOptions {
  readonly headers?: HeadersInit | undefined;
  readonly body?: object | undefined;
  readonly metadata?: unknown;
  /** What a prepared request has in the place of the options of the transport. */
  readonly instead?: WithHeaders & {
    readonly api: string;
    readonly credentials: RouteOptions['credentials'] | undefined;
  };
}

/** How a send is answered: its run, its place in the queue, or that no run answers it. */
export type Answer = SendResponse | QueuedResponse | PostedResponse;

interface Request extends Asked {
  readonly url: string;
  readonly call?: CallOptions;
}

/** The application's route: sends and snapshots travel as HTTP, with its cookies and headers. */
export interface Route {
  /**
   * Repeats the send until it is answered: the command in it makes that safe (HF-HTTP-13). The
   * signal ends the repetition, not a request under way, which may already be heard. `isWanted` is
   * asked before each request; a send that is not is given up with an `AbortError`. Its files go first.
   */
  send(
    send: SendRequest,
    call: CallOptions,
    signal: AbortSignal,
    isWanted?: () => boolean,
  ): Promise<Answer>;
  /**
   * `POST {api}/{id}/{verb}`, whose answer has the member; repeated as `send` is. What is posted must
   * be safe to repeat.
   */
  post<T>(session: string, verb: string, member: keyof T & string, body: object): Promise<T>;
  /** Repeats anything else that needs the network, as `post` does. */
  load<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Asks below the address, once and without a limit of time: a body makes it a POST. */
  ask(path: string, query: Query, signal: AbortSignal, body?: object): Promise<Response>;
  /** Asks below the address, and repeats it as `send` is. */
  readonly repeat: Ask;
  /** The address of what is below the route. */
  readonly urlOf: (path: string) => string;
}

/** A token that no header can carry is for the socket only, and must not break what cookies allow. */
const inHeaders = /^[!-~]+$/;

/** How long a try may take, all of its answer included: 30 s, and 1 s more for each 16 kB that it sends. */
const tryMs = 30_000;
const charsPerMs = 16;
const tries = 20;
const retryBaseMs = 500;
const retryCapMs = 10_000;
/** `navigator.onLine` is a hint and no proof: while it says no, a try that failed is made again this late. */
const offlineMs = 30_000;

export function createRoute(options: RouteOptions): Route {
  const { api, files } = options;
  const { after, page, random } = options.environment;

  async function request(
    url: string,
    call: CallOptions,
    sent: Sent | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    const from = { ...options, ...call.instead };
    const credentials = await resolve(from.credentials);
    const own = await headersOf(from, call);
    const token = own.authorization ? '' : ((await resolve(options.token)) ?? '');
    const headers = {
      ...(inHeaders.test(token) && { authorization: `Bearer ${token}` }),
      ...own,
      ...sent?.headers,
    };
    const fetch = options.fetch ?? globalThis.fetch;
    // Where `api` redirects to another origin, `fetch` takes the token away (HF-HTTP-4).
    return await fetch(url, { ...sent, credentials, headers, signal } as RequestInit);
  }

  /** Ends what takes longer than a try may: a connection that is dead may never say so. */
  async function inTime(
    ms: number,
    act: (signal: AbortSignal) => Promise<Exchanged>,
  ): Promise<Exchanged> {
    const ending = new AbortController();
    return await new Promise<Exchanged>((resolve, reject) => {
      const end = after(ms, () => {
        // Not the signal alone: an own `fetch` may not heed it.
        reject(new Error('no answer'));
        ending.abort();
      });
      act(ending.signal).finally(end).then(resolve, reject);
    }).catch(failed);
  }

  /** The answer, which the member tells from that of some other server. */
  async function ask<T>({ url, member, call = {}, sent, session }: Request): Promise<T> {
    const ms = tryMs + (sent?.body.length ?? 0) / charsPerMs;
    const exchanged = await inTime(ms, async (signal) => {
      let response = await request(url, call, sent, signal);
      // As over the socket, a token that was refused is asked for anew, once.
      if (response.status === 401 && options.token !== undefined)
        response = await request(url, call, sent, signal);
      return { url, response, text: await response.text() };
    });
    const value = jsonIn(exchanged.text) as Parsed;
    if (!exchanged.response.ok || (member ? value?.[member] : (value ?? undefined)) === undefined)
      throw await errorOf(exchanged, value);
    if (session && refers(exchanged.text)) await files.settle(session, value as object);
    return value as T;
  }

  /** Full jitter, and longer when the host calls itself offline; until the page wakes. */
  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    const ends: (() => void)[] = [];
    await new Promise<void>((wake) => {
      ends.push(after(ms, wake), page.listen({ wake, offline: () => {} }), onAbort(signal, wake));
    });
    for (const end of ends) end();
  }

  function urlOf(path: string, query: Query = {}, base = api): string {
    let url = base.replace(/\/?(?=[?#]|$)/, `/${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined)
        url += `${url.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
    return url;
  }

  const posted = (content: object) =>
    ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(content),
    }) satisfies Sent;

  async function post<T>(
    request: Request & { readonly session: string },
    content: object,
    ...until: [signal: AbortSignal, isWanted?: () => boolean]
  ): Promise<T> {
    const { call = {}, session } = request;
    const below: Ask = (path, asked) => {
      const url = urlOf(path, asked.query, call.instead?.api);
      return repeat(() => ask({ url, call, ...asked }), ...until);
    };
    let sent = posted(content);
    if (isLiftable(sent.body)) sent = posted(await files.lift(session, content, below));
    return await repeat(() => ask({ ...request, sent }), ...until);
  }

  async function repeat<T>(
    act: () => Promise<T>,
    signal: AbortSignal,
    isWanted = () => true,
    most = tries,
  ): Promise<T> {
    for (let attempt = 1; ; ) {
      if (signal.aborted || !isWanted()) throw abortError();
      try {
        return await act();
      } catch (error) {
        // What failed without an answer has no code.
        const { code, retryMs = 0 } = error as Partial<HoldfastError>;
        if (attempt === most || (code && !mayPass(code))) throw error;
        // A failure without an answer where there is no network says nothing of the server.
        const isOffline = !code && !page.isOnline();
        const ceiling = Math.min(retryCapMs, retryBaseMs * 2 ** (attempt - 1));
        const jitterMs = isOffline ? offlineMs : random() * ceiling;
        await pause(Math.max(retryMs, jitterMs), signal);
        if (!isOffline) attempt++;
      }
    }
  }

  return {
    send: (send, call, ...until) => {
      const url = call.instead?.api ?? api;
      return post({ url, member: 'command', call, session: send.id }, send, ...until);
    },
    post: (session, verb, member, content) =>
      post({ url: urlOf(`${session}/${verb}`), member, session }, content, options.signal),
    repeat: (path, asked) =>
      repeat(
        () => ask({ url: urlOf(path, asked.query), ...asked }),
        options.signal,
        undefined,
        asked.most,
      ),
    urlOf,
    load: (act, signal = options.signal) => repeat(() => act().catch(failed), signal),
    ask: (path, query, signal, body) =>
      request(urlOf(path, query), {}, body && posted(body), signal),
  };
}

const lowerCased = (headers: HeadersInit | undefined): Record<string, string> =>
  Object.fromEntries(new Headers(headers));

/** Those of the transport, as they are now, and over them those of the call. */
export const headersOf = async (
  options: WithHeaders,
  call: CallOptions,
): Promise<Record<string, string>> => ({
  ...lowerCased(await resolve(options.headers)),
  ...lowerCased(call.headers),
});

/** Any JSON: of what is no object, no member is there. */
type Parsed = Readonly<Record<string, unknown>> | null;

/** The error of an answer that is none: what a Holdfast said, or else what can be made out of the answer. */
async function errorOf(exchanged: Exchanged, body: Parsed): Promise<HoldfastError> {
  const told = (body?.error ?? {}) as WireError;
  const { code, message } = told;
  // Hosts, proxies and applications answer in this form too, with codes and in words of their own.
  if (code && /^unable /.test(message)) return new HoldfastError(code, message, told);
  const { status } = exchanged.response;
  try {
    const { refusalIn } = await import('../faults.ts');
    return new HoldfastError(...refusalIn(exchanged, body));
  } catch {
    // Of all refusals this one loses nothing: what is stored stays.
    return unable(status < 500 ? 'forbidden' : 'unavailable', `ask the server: ${status}`);
  }
}
