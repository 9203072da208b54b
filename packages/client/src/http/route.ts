import {
  HoldfastError,
  isRecord,
  type SendRequest,
  type SendResponse,
  type SnapshotResponse,
} from '@holdfast/protocol';
import { abortError, onAbort } from '../abort.ts';
import type { Environment } from '../environment.ts';
import { type ChatTransportOptions, resolve } from '../options.ts';
import { errorOf, isPassing } from './errors.ts';

export type RouteOptions = Pick<
  ChatTransportOptions,
  'headers' | 'credentials' | 'fetch' | 'body' | 'metadata'
> & { readonly api: string; readonly environment: Environment };

export interface CallOptions {
  readonly headers?: Record<string, string> | Headers | undefined;
  readonly body?: object | undefined;
  readonly metadata?: unknown;
}

const tries = 20;
const retryBaseMs = 500;
const retryCapMs = 10_000;

/** The application's route: sends and snapshots travel as HTTP, with its cookies and headers. */
export class Route {
  readonly #options: RouteOptions;

  constructor(options: RouteOptions) {
    this.#options = options;
  }

  /** What travels, with the options of the transport and of the call in it. */
  async complete(send: SendRequest, call: CallOptions): Promise<SendRequest> {
    const metadata = call.metadata ?? (await resolve(this.#options.metadata));
    const body = { ...(await resolve(this.#options.body)), ...call.body };
    return {
      ...send,
      ...(metadata === undefined ? {} : { metadata }),
      ...(Object.keys(body).length === 0 ? {} : { body }),
    };
  }

  /**
   * Repeats the send until it is answered: the command in it makes that safe (HF-HTTP-1). The
   * signal ends the repetition, not a request under way, which may already be heard.
   */
  async send(send: SendRequest, call: CallOptions, signal: AbortSignal): Promise<SendResponse> {
    const { api } = this.#options;
    const text = JSON.stringify(send);
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(async () => {
        const response = await this.#fetch(api, {
          method: 'POST',
          body: text,
          headers: await this.#headers(call, { 'content-type': 'application/json' }),
        });
        if (!response.ok) throw await errorOf('send', api, response);
        return readAnswer(api, await response.json().catch(() => null));
      });
      if ('answer' in outcome) return outcome.answer;
      if (!outcome.again || attempt === tries) throw outcome.error;
      await this.#pause(attempt, outcome.leastMs, signal);
    }
  }

  /** `GET {api}/{id}` */
  async snapshot(session: string): Promise<SnapshotResponse> {
    const url = appendPath(this.#options.api, `/${encodeURIComponent(session)}`);
    let response: Response;
    try {
      response = await this.#fetch(url, { headers: await this.#headers({}, {}) });
    } catch (cause) {
      throw new HoldfastError('unavailable', 'unable to read the session: the network failed', {
        cause,
      });
    }
    if (!response.ok) throw await errorOf('read the session', url, response);
    return (await response.json()) as SnapshotResponse;
  }

  async #attempt<T>(
    request: () => Promise<T>,
  ): Promise<{ answer: T } | { error: unknown; again: boolean; leastMs: number }> {
    try {
      return { answer: await request() };
    } catch (error) {
      if (HoldfastError.is(error))
        return { error, again: isPassing(error), leastMs: error.retryMs ?? 0 };
      // The SDK tells a lost network by these words.
      const cause = error instanceof Error ? error.message : String(error);
      const failure = new TypeError(`network request failed: ${cause}`, { cause: error });
      return { error: failure, again: true, leastMs: 0 };
    }
  }

  /** Full jitter; while the host is offline, until it is not. */
  async #pause(attempt: number, leastMs: number, signal: AbortSignal): Promise<void> {
    const { after, page, random } = this.#options.environment;
    const ceiling = Math.min(retryCapMs, retryBaseMs * 2 ** (attempt - 1));
    await new Promise<void>((resolve, reject) => {
      const ends: (() => void)[] = [];
      const end = (): void => {
        for (const each of ends) each();
      };
      const go = (): void => {
        if (!page.isOnline()) return;
        end();
        resolve();
      };
      ends.push(after(Math.max(leastMs, random() * ceiling), go));
      ends.push(page.listen({ wake: go, offline: () => {} }));
      ends.push(
        onAbort(signal, () => {
          end();
          reject(abortError());
        }),
      );
    });
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const credentials = await resolve(this.#options.credentials);
    const fetch = this.#options.fetch ?? globalThis.fetch;
    return await fetch(url, { ...init, ...(credentials === undefined ? {} : { credentials }) });
  }

  async #headers(call: CallOptions, own: Record<string, string>): Promise<Record<string, string>> {
    return {
      ...own,
      ...lowerCased(await resolve(this.#options.headers)),
      ...lowerCased(call.headers),
    };
  }
}

function lowerCased(headers: Record<string, string> | Headers | undefined): Record<string, string> {
  if (!headers) return {};
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

function readAnswer(api: string, value: unknown): SendResponse {
  if (isRecord(value) && typeof value.run === 'string' && typeof value.messageId === 'string')
    return value as unknown as SendResponse;
  throw new HoldfastError(
    'bad_request',
    `unable to send: ${api} answered without a run; check that the option "api" names a Holdfast route`,
  );
}

/** Puts a path behind that of a URL, which may have a query. */
function appendPath(url: string, path: string): string {
  const end = url.search(/[?#]/);
  const base = end < 0 ? url : url.slice(0, end);
  return `${base.replace(/\/$/, '')}${path}${end < 0 ? '' : url.slice(end)}`;
}
