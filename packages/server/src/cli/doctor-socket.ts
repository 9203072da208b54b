import { once } from 'node:events';
import {
  closeCodes,
  decodeServerFrame,
  type ServerFrame,
  subprotocol,
  version,
} from '@holdfast/protocol';
import { type ClientOptions, WebSocket } from 'ws';
import { systemEnvironment } from '../environment.ts';
import { redacted } from '../redact.ts';
import { type Finding, inMs, ok, refused, timesOf, warning } from './finding.ts';

const { now, after } = systemEnvironment;

/** For each answer, in ms. */
const patienceMs = 10_000;
const pings = 5;

export interface Way {
  readonly url: string;
  readonly token: string | undefined;
  /** The origin of the page, as a browser would say it. */
  readonly origin: string | undefined;
  /** How long it is left alone, in ms. */
  readonly idleMs: number;
}

/** What a status in the place of a socket means, by what usually stands behind it. */
const statuses: readonly (readonly [RegExp, string])[] = [
  [/^3/, 'a redirect, which sockets do not follow: give the address behind it'],
  [
    /^401/,
    'something in front of the gateway asks for credentials of its own; let the path pass there',
  ],
  [
    /^403/,
    'the origin is not let in: give --origin as the page has it, and list it in `origins`; or a proxy refuses',
  ],
  [
    /^404/,
    'nothing serves sockets at this path: compare it with `path`, and with what the proxy makes of it',
  ],
  [/^429/, 'there are as many connections as there may be: look at `connections`'],
  [/^50[24]/, 'the proxy does not reach the gateway: look whether it runs, and on which port'],
  [/^503/, 'the gateway is closing, or the proxy has none that is ready'],
  [
    /^/,
    'the proxy makes an ordinary request of it: let it pass on `Upgrade` and `Connection` (docs/deploy.md)',
  ],
];

/** Goes the way of a page's socket, as far as it leads. */
export async function* checkSocket(way: Way): AsyncGenerator<Finding> {
  const since = now();
  const options: ClientOptions = { handshakeTimeout: patienceMs, followRedirects: false };
  if (way.origin !== undefined) options.origin = way.origin;
  const socket = new WebSocket(way.url.replace(/^http/, 'ws'), subprotocol, options);
  const spoken = speak(socket);
  try {
    const fault = await opening(socket);
    if (fault) {
      yield fault;
      return;
    }
    yield ok('socket', `opened in ${inMs(now() - since)}`);
    spoken.send({
      t: 'hello',
      v: version,
      ...(way.token === undefined ? {} : { token: way.token }),
    });
    const first = await spoken.next(['welcome'], patienceMs);
    yield answerTo(first);
    if (typeof first === 'object' && first.kind === 'frame') {
      yield await roundTrip(spoken);
      if (way.idleMs > 0) yield await leftAlone(spoken, way.idleMs);
    }
  } finally {
    socket.terminate();
  }
}

async function opening(socket: WebSocket): Promise<Finding | null> {
  const opened = once(socket, 'open').then(
    () => null,
    (error: unknown) =>
      refused(
        'socket',
        `does not open: ${reasonOf(error)}`,
        'look at the address, and whether something listens there',
      ),
  );
  const answered = new Promise<Finding>((resolve) => {
    socket.once('unexpected-response', (request, { statusCode = 0 }) => {
      request.destroy();
      const [, advice = ''] = statuses.find(([pattern]) => pattern.test(String(statusCode))) ?? [];
      resolve(refused('socket', `answered ${statusCode} in the place of a socket`, advice));
    });
  });
  return await Promise.race([opened, answered]);
}

const reasonOf = (error: unknown): string => {
  const { message, name } = redacted(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return message || code || name;
};

type Heard =
  | { readonly kind: 'frame'; readonly frame: ServerFrame }
  | { readonly kind: 'closed'; readonly code: number }
  | { readonly kind: 'silence' };

interface Spoken {
  send(frame: object): void;
  /** The next frame of one of these types; others are passed by, and pings answered. */
  next(types: readonly string[], withinMs: number): Promise<Heard>;
}

function speak(socket: WebSocket): Spoken {
  let listener: ((heard: Heard) => void) | null = null;
  let closed: Heard | null = null;
  const send = (frame: object) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
  };
  socket.on('error', () => {});
  socket.on('close', (code) => {
    closed = { kind: 'closed', code };
    listener?.(closed);
  });
  socket.on('message', (data) => {
    const frame = decodeServerFrame(data.toString());
    if (!frame) return;
    if (frame.t === 'ping') send({ t: 'pong' });
    listener?.({ kind: 'frame', frame });
  });
  const next = (types: readonly string[], withinMs: number) =>
    new Promise<Heard>((resolve) => {
      const settle = (heard: Heard) => {
        if (heard.kind === 'frame' && !types.includes(heard.frame.t)) return;
        cancel();
        listener = null;
        resolve(heard);
      };
      const cancel = after(withinMs, () => settle({ kind: 'silence' }), { ref: true });
      listener = settle;
      if (closed) settle(closed);
    });
  return { send, next };
}

function answerTo(heard: Heard): Finding {
  if (heard.kind === 'frame') return ok('frames', 'pass both ways, and the gateway lets it in');
  if (heard.kind === 'silence')
    return refused(
      'frames',
      'no answer to the first one',
      'a proxy opens sockets and passes nothing on; look at its settings for WebSockets',
    );
  const known = Object.values(closeCodes).find(({ code }) => code === heard.code);
  const told = `closed with ${heard.code}${known ? `, ${known.name}` : ''}`;
  if (known === closeCodes.unauthorized)
    return warning(
      'frames',
      `pass both ways; ${told}`,
      'the gateway works and does not know who this is: give HOLDFAST_TOKEN',
    );
  if (known === closeCodes.noCommonVersion)
    return refused(
      'frames',
      told,
      'a proxy drops `Sec-WebSocket-Protocol`, or the gateway is of another version',
    );
  if (known === closeCodes.abnormal)
    return refused(
      'frames',
      'the connection was cut behind the first one',
      'look at what stands in front of the gateway',
    );
  return refused('frames', told, 'PROTOCOL.md section 12 says what the code means');
}

async function roundTrip({ send, next }: Spoken): Promise<Finding> {
  const times: number[] = [];
  for (let left = pings; left > 0; left--) {
    const since = now();
    const pong = next(['pong'], patienceMs);
    send({ t: 'ping' });
    if ((await pong).kind !== 'frame')
      return refused(
        'round trip',
        'a ping had no answer',
        'look at what stands in front of the gateway',
      );
    times.push(now() - since);
  }
  const { middle, slowest } = timesOf(times);
  return ok('round trip', `${inMs(middle)}, ${inMs(slowest)} at the slowest of ${pings}`);
}

async function leftAlone({ next }: Spoken, ms: number): Promise<Finding> {
  const since = now();
  const heard = await next([], ms);
  const seconds = Math.round((now() - since) / 1_000);
  if (heard.kind !== 'closed') return ok('idle', `still open after ${seconds} s`);
  return refused(
    'idle',
    `closed after ${seconds} s with ${heard.code}`,
    'keep idle connections for more than the heartbeat of 25 s: such as proxy_read_timeout of nginx',
  );
}
