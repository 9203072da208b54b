import {
  HoldfastError,
  isRecord,
  type PostedResponse,
  type QueuedResponse,
  type SendRequest,
  type SendResponse,
  type SnapshotResponse,
  type WireError,
} from '@holdfast/protocol';
import { abortError } from '../abort.ts';
import { createChanges } from '../changes.ts';
import type { Environment } from '../environment.ts';
import { mayPass, messageOf, unable } from '../errors.ts';
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

const tries = 20;
const retryBaseMs = 500;
const retryCapMs = 10_000;

export function createRoute(options: RouteOptions): Route {
  const { api } = options;
  const { after, page, random } = options.environment;

  /** The answer, which the member tells from that of some other server. */
  async function ask(
    url: string,
    member: string,
    call: CallOptions,
    post?: RequestInit,
  ): Promise<unknown> {
    let response: Response;
    try {
      const credentials = await resolve(options.credentials);
      const headers = {
        ...(post && { 'content-type': 'application/json' }),
        ...lowerCased(await resolve(options.headers)),
        ...lowerCased(call.headers),
      };
      const fetch = options.fetch ?? globalThis.fetch;
      response = await fetch(url, { ...post, ...(credentials && { credentials }), headers });
    } catch (cause) {
      // The SDK tells a lost network by these words.
      throw new TypeError(`network failed: ${messageOf(cause)}`, { cause });
    }
    const value: unknown = await response.json().catch(() => null);
    if (response.ok && isRecord(value) && member in value) return value;
    throw errorOf(url, response.status, value);
  }

  /** Full jitter; while the host is offline, until it is not. */
  async function pause(attempt: number, leastMs: number, signal: AbortSignal): Promise<void> {
    const { notify, until } = createChanges();
    const ceiling = Math.min(retryCapMs, retryBaseMs * 2 ** (attempt - 1));
    let isOver = false;
    const wake = (): void => {
      isOver = true;
      notify();
    };
    const ends = [
      after(Math.max(leastMs, random() * ceiling), wake),
      page.listen({ wake, offline: () => {} }),
    ];
    try {
      await until(() => isOver && page.isOnline(), signal);
    } finally {
      for (const end of ends) end();
    }
  }

  const urlOf = (path: string): string => api.replace(/\/?(?=[?#]|$)/, `/${path}`);

  async function repeat<T>(
    act: () => Promise<T>,
    signal: AbortSignal,
    isWanted = () => true,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      if (signal.aborted || !isWanted()) throw abortError();
      try {
        return await act();
      } catch (error) {
        const known = HoldfastError.is(error) ? error : undefined;
        if (attempt === tries || (known && !mayPass(known.code))) throw error;
        await pause(attempt, known?.retryMs ?? 0, signal);
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
      const post = { method: 'POST', body: JSON.stringify(send) };
      return (await repeat(() => ask(api, 'command', call, post), signal, isWanted)) as Answer;
    },
    post: async <T>(
      session: string,
      verb: string,
      member: keyof T & string,
      body: object,
      signal: AbortSignal,
    ) => {
      const post = { method: 'POST', body: JSON.stringify(body) };
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

/** The error of an answer that is none; the server's own words where it has some. */
function errorOf(url: string, status: number, body: unknown): HoldfastError {
  const error = isRecord(body) && body.error;
  // Hosts and proxies answer in this form too, but with codes of another one.
  if (isRecord(error) && /^[a-z_]+$/.test(String(error.code))) {
    const { code, message, retryMs } = error as unknown as WireError;
    return new HoldfastError(code, message, { retryMs });
  }
  const isPassing = status >= 500 || [408, 425, 429].includes(status);
  return unable(
    isPassing ? 'unavailable' : status === 401 ? 'unauthorized' : 'bad_request',
    `ask the server: ${url} answered ${status} and not as Holdfast does; check the option "api"`,
  );
}
