import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryLog } from '@holdfast/log';
import {
  defaultLimits,
  type Message,
  type SendRequest,
  type SendResponse,
} from '@holdfast/protocol';
import { WebSocket } from 'ws';
import {
  type Agents,
  type AttachOptions,
  createHoldfast,
  type Holdfast,
  type HoldfastOptions,
} from '../../src/index.ts';
import { toNodeHandler } from '../../src/node/index.ts';
import { EventsSocket } from './events-socket.ts';
import { WireClient } from './wire-client.ts';

export interface TestServer extends AsyncDisposable {
  readonly holdfast: Holdfast;
  detach(): void;
  readonly http: Server;
  readonly origin: string;
  readonly api: string;
  readonly errors: unknown[];
  send(request: Partial<SendRequest> & { readonly id: string }): Promise<SendResponse>;
  post(body: unknown, init?: RequestInit): Promise<Response>;
  /** A socket that is open, with nothing sent yet. */
  dial(options?: { protocols?: string[]; headers?: Record<string, string> }): Promise<WireClient>;
  /** A socket behind its `hello`. */
  greet(token?: string): Promise<WireClient>;
}

export interface TestServerOptions extends HoldfastOptions {
  /** Null for a server without one: workers execute its runs. */
  readonly agent?: Agents | null;
  readonly attach?: AttachOptions;
  /** What carries the frames of its clients. */
  readonly carrier?: Carrier;
}

/** A socket of the gateway, or streams of events and requests (HF-EVT-1). */
export const carriers = ['socket', 'events'] as const;
export type Carrier = (typeof carriers)[number];

/** A real HTTP server on a free port with the whole of Holdfast on it, on a log of its own. */
export async function startServer({
  agent = () => (async function* () {})(),
  attach,
  carrier = 'socket',
  ...options
}: TestServerOptions = {}): Promise<TestServer> {
  const errors: unknown[] = [];
  const limits = { ...defaultLimits, lingerMs: 0, graceMs: 50, ...options.limits };
  const holdfast = createHoldfast({
    log: createMemoryLog({ limits }),
    authorize: () => ({ id: 'user-1' }),
    onError: (error) => errors.push(error),
    ...options,
    limits,
  });
  const handle = toNodeHandler(holdfast, agent ? { agent } : {});
  const http = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing).then((handled) => {
      if (!handled) outgoing.writeHead(404).end();
    });
  });
  const detach = holdfast.attach(http, attach);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const api = `${origin}/api/chat`;
  const clients = new Set<WireClient>();

  const post = (body: unknown, init: RequestInit = {}) =>
    fetch(api, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    });
  const dial: TestServer['dial'] = async ({ protocols = ['holdfast.v1'], headers = {} } = {}) => {
    const client = new WireClient(
      carrier === 'events'
        ? new EventsSocket(api).asWebSocket
        : new WebSocket(`${origin.replace('http', 'ws')}/holdfast`, protocols, { headers }),
    );
    clients.add(client);
    await client.opened;
    return client;
  };
  return {
    holdfast,
    detach,
    http,
    origin,
    api,
    errors,
    post,
    dial,
    send: async (request) => {
      const response = await post({
        command: crypto.randomUUID(),
        trigger: 'submit-message',
        ...request,
      });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      return (await response.json()) as SendResponse;
    },
    greet: async (token) => {
      const client = await dial();
      client.send({ t: 'hello', v: 1, ...(token === undefined ? {} : { token }) });
      await client.next('welcome');
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.terminate();
      await holdfast.close({ runsMs: 0 });
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

export const userMessage = (id: string, text: string): Message => ({
  id: id,
  role: 'user',
  parts: [{ type: 'text', text }],
});
