// Stands in for Ably's servers: of their protocol (version 6, as JSON) as much as AI Transport asks for, and an error
// for all else. https://ably.com/docs/protocol
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';
import { Channel, type Given } from './channel.ts';
import { type Identity, Keys, type TokenRequest } from './keys.ts';

/** Actions of frames. */
const heartbeat = 0;
const ack = 1;
const nack = 2;
const connected = 4;
const close = 7;
const closed = 8;
const error = 9;
const attach = 10;
const attached = 11;
const detach = 12;
const detached = 13;
const message = 15;

/** What a channel allows by default: presence, publish, subscribe, presence_subscribe, annotation_publish. */
const defaultModes = (1 << 16) | (1 << 17) | (1 << 18) | (1 << 19) | (1 << 21);

interface Frame {
  readonly action: number;
  readonly channel?: string;
  readonly msgSerial?: number;
  readonly messages?: readonly Given[];
  readonly id?: string;
}

export interface AblyService {
  readonly port: number;
  /** Of requests and frames that it does not know. */
  readonly unknown: readonly string[];
  close(): void;
}

export async function ablyService(key: string): Promise<AblyService> {
  const keys = new Keys(key);
  const unknown: string[] = [];
  const channels = new Map<string, Channel>();
  const channelOf = (name: string): Channel => {
    const channel = channels.get(name) ?? new Channel(name);
    channels.set(name, channel);
    return channel;
  };

  const http = createServer(async (request, response) => {
    const answer = await answerTo(request, keys, channelOf);
    if (answer.status >= 400) unknown.push(`${request.method} ${request.url}`);
    const headers = { 'content-type': 'application/json', ...answer.headers };
    response.writeHead(answer.status, headers).end(JSON.stringify(answer.body));
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket, { url = '' }) => {
    const asked = new URL(url, 'http://localhost').searchParams;
    const who = keys.identityOf(asked.get('key') ?? asked.get('access_token') ?? '');
    if (who) serveSocket(socket, who, channelOf, unknown);
    else socket.send(JSON.stringify({ action: error, error: refused }));
  });
  await new Promise<void>((resolve) => http.listen(0, resolve));
  return {
    port: (http.address() as AddressInfo).port,
    unknown,
    close: () => {
      for (const socket of sockets.clients) socket.terminate();
      http.close();
    },
  };
}

const refused = { code: 40_101, statusCode: 401, message: 'the credentials are not known' };

function serveSocket(
  socket: WebSocket,
  { clientId }: Identity,
  channelOf: (name: string) => Channel,
  unknown: string[],
): void {
  const connectionId = randomUUID();
  const send = (frame: object): void => socket.send(JSON.stringify(frame));
  const joined = new Set<Channel>();
  // Without `maxIdleInterval`: no word on how often it is heard of.
  const details = { clientId, connectionKey: connectionId, connectionStateTtl: 120_000 };
  send({ action: connected, connectionId, connectionDetails: details });

  socket.on('message', (data) => {
    const {
      action,
      channel: name = '',
      msgSerial = 0,
      messages = [],
      id,
    }: Frame = JSON.parse(String(data));
    const channel = channelOf(name);
    switch (action) {
      case heartbeat:
        return send({ action, id });
      case attach: {
        joined.add(channel);
        channel.attach(send);
        const { serial: channelSerial } = channel;
        return send({ action: attached, channel: name, channelSerial, flags: defaultModes });
      }
      case detach:
        channel.detach(send);
        return send({ action: detached, channel: name });
      case message:
        try {
          const serials = channel.take(messages, { connectionId, clientId, msgSerial });
          return send({ action: ack, msgSerial, count: 1, res: [{ serials }] });
        } catch (reason) {
          unknown.push(String(reason));
          const why = { code: 40_000, statusCode: 400, message: String(reason) };
          return send({ action: nack, msgSerial, count: 1, error: why });
        }
      case close:
        return send({ action: closed });
      default:
        unknown.push(`frame ${String(data)}`);
    }
  });
  socket.on('close', () => {
    for (const channel of joined) channel.detach(send);
  });
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Over HTTP: tokens for signed requests, and the history of a channel. */
async function answerTo(
  request: IncomingMessage,
  keys: Keys,
  channelOf: (name: string) => Channel,
): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  if (/^\/keys\/[^/]+\/requestToken$/.test(pathname) && request.method === 'POST')
    return { status: 201, body: keys.tokenFor((await json(request)) as TokenRequest) };
  const name = /^\/channels\/([^/]+)\/messages$/.exec(pathname)?.[1];
  if (name === undefined || request.method !== 'GET')
    return { status: 404, body: { error: { code: 40_400, message: 'unknown' } } };
  const credential = request.headers.authorization?.split(' ')[1] ?? '';
  if (!keys.identityOf(Buffer.from(credential, 'base64').toString()))
    return { status: 401, body: { error: refused } };

  const channel = channelOf(decodeURIComponent(name));
  const limit = Number(searchParams.get('limit') ?? 100);
  const upTo = searchParams.get('from_serial') ?? channel.serial;
  const body = channel.history(upTo, searchParams.get('before') ?? undefined, limit);
  if (body.length < limit) return { status: 200, body };
  const next = new URLSearchParams({
    limit: String(limit),
    from_serial: upTo,
    before: body.at(-1)?.serial ?? '',
  });
  return { status: 200, headers: { link: `<./messages?${next}>; rel="next"` }, body };
}
