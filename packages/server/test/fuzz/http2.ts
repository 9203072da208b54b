import { type ClientHttp2Session, connect } from 'node:http2';
import fc from 'fast-check';
import type { Doors } from './doors.ts';
import { bodies, hazard } from './json-texts.ts';

/** A stream of HTTP/2: pseudo headers take the place of the request line. */
export interface Visit2 {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const optional = (...values: readonly string[]) =>
  fc.oneof(fc.constant(undefined), fc.constantFrom(...values));

export const visit2: fc.Arbitrary<Visit2> = fc.record({
  headers: fc
    .record({
      ':method': fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'TRACE', 'FOO', 'p\u00e9', 'get'),
      ':path': fc.constantFrom(
        ...[
          '/api/chat',
          '/api/chat/s1',
          '/api/chat/s1/stream',
          '/api/chat/s1/events?wait=0',
          '/api/chat/s1/cancel',
          '//',
          '*',
          '',
        ],
        ...[
          '/api/chat/%2e%2e',
          '/api/chat/s1/%61nswer',
          '/api/chat?x=\u00ff',
          'http://a@b/api/chat',
        ],
      ),
      ':authority': optional('127.0.0.1', ':', '[[', 'a:b:c', 'x:99999', ''),
      'content-type': optional('application/json', 'text/plain'),
      origin: optional('null', 'http://127.0.0.1', 'https://evil.example'),
      host: optional('127.0.0.1', 'a b'),
      cookie: optional('a=b'),
    })
    .map((all) =>
      Object.fromEntries(
        Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
      ),
    ),
  body: fc.oneof(
    fc.constant(''),
    hazard,
    ...Object.values(bodies),
    fc.constant('x'.repeat(1_200_000)),
  ),
});

const hangMs = 15_000;

/** As `pay`, for a stream of HTTP/2 and another one behind it. */
export async function payHttp2(doors: Doors, { headers, body }: Visit2): Promise<string> {
  const session = connect(`http://127.0.0.1:${doors.ports.http2}`);
  session.on('error', () => {});
  try {
    const first = await ask(session, headers, body);
    const second = await ask(session, { ':path': '/api/chat/s1' }, '');
    if (doors.exit !== null) throw new Error(`the server ended: ${doors.exit}`);
    return `HTTP/2 ${first}, then ${second}`;
  } finally {
    session.destroy();
  }
}

function ask(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<string> {
  if (session.closed || session.destroyed) return Promise.resolve('closed');
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the server hangs: no answer')), hangMs);
    const settle = (outcome: string) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    try {
      const stream = session.request(headers, { endStream: body === '' });
      stream.on('response', (head) => settle(String(head[':status'])));
      stream.on('error', () => settle('reset'));
      stream.on('close', () => settle('closed'));
      stream.resume();
      if (body !== '') stream.end(body);
    } catch {
      // The client refuses some of it itself.
      settle('unsent');
    }
  });
}
