import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type ApiRequest, type OpenAiApi, openAiApi } from '@holdfast/testkit/openai-api';
import { createGate, type Gate } from '@holdfast/testkit/scripted-model-gate';
import { getResponse } from 'msw';

/** What the model says to one prompt, and when. */
export interface Answer {
  readonly prompt: string;
  /** The whole of it. */
  readonly text: string;
  readonly pieces: readonly string[];
  readonly gate: Gate;
  readonly requests: readonly ApiRequest[];
}

/** The streaming API of OpenAI as a server, for the real provider in another process. */
export class OpenAiPeer implements AsyncDisposable {
  readonly #answers = new Map<string, { readonly answer: Answer; readonly api: OpenAiApi }>();
  readonly #server: Server;
  #baseUrl = '';

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#respond(request)
        .then(async (reply) => {
          response.writeHead(reply.status, { 'content-type': 'text/event-stream' });
          if (reply.body) await pipeline(Readable.fromWeb(reply.body as never), response);
          else response.end();
        })
        // The caller hung up; the handlers have noted it.
        .catch(() => response.destroy());
    });
  }

  static async start(): Promise<OpenAiPeer> {
    const peer = new OpenAiPeer();
    peer.#server.listen(0, '127.0.0.1');
    await once(peer.#server, 'listening');
    peer.#baseUrl = `http://127.0.0.1:${(peer.#server.address() as { port: number }).port}/v1`;
    return peer;
  }

  get baseUrl(): string {
    return this.#baseUrl;
  }

  /** Prepares the answer to a prompt. Nothing of it is said until its gate lets pieces through. */
  prepare(prompt: string, pieces: readonly string[]): Answer {
    const gate = createGate();
    const api = openAiApi({ pieces, gate, baseUrl: this.#baseUrl });
    const answer = { prompt, pieces, text: pieces.join(''), gate, requests: api.requests };
    this.#answers.set(prompt, { answer, api });
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #respond(incoming: IncomingMessage): Promise<Response> {
    const body = await text(incoming);
    const prompt = promptOf(JSON.parse(body));
    const prepared = this.#answers.get(prompt);
    if (!prepared) return new Response(`no answer to "${prompt}"`, { status: 500 });
    const request = new Request(new URL(incoming.url ?? '/', this.#baseUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return (
      (await getResponse(prepared.api.handlers, request)) ?? new Response(null, { status: 404 })
    );
  }
}

/** The text of the last user message. */
function promptOf(body: { readonly input?: readonly unknown[] }): string {
  const users = (body.input ?? []) as readonly {
    readonly role?: string;
    readonly content?: readonly { readonly text?: string }[];
  }[];
  const last = users.findLast(({ role }) => role === 'user');
  return (last?.content ?? []).map((part) => part.text ?? '').join('');
}
