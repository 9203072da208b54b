import { METHODS } from 'node:http';
import fc from 'fast-check';
import { type DoorName, doorNames } from './doors.ts';
import { bodies, frameText, hazard } from './json-texts.ts';
import { clientFrame, type Fragment } from './wire.ts';

type Header = readonly [name: string, value: string];

/** One visit of a stranger. */
export type Visit =
  /** Bytes, and nothing behind them. */
  | { readonly kind: 'hurl'; readonly door: DoorName; readonly bytes: string }
  /** A request whose body is complete, and then another one on the same connection. */
  | {
      readonly kind: 'request';
      readonly door: DoorName;
      readonly method: string;
      readonly target: string;
      readonly headers: readonly Header[];
      readonly body: string;
    }
  /** A WebSocket, if the headers let it be one, and what is sent over it. */
  | {
      readonly kind: 'socket';
      readonly door: DoorName;
      readonly target: string;
      readonly headers: readonly Header[];
      readonly frames: readonly Uint8Array[];
    };

const verbs = Object.keys(bodies).filter((verb) => verb !== 'stock');
const segment = fc.oneof(
  fc.constantFrom('s0', 's1', 's2', 'stream', '..', '.', '%2e%2e', '%61nswer', '%', '%ff', '%2f'),
  fc.constantFrom(...verbs),
  fc.string({ maxLength: 5 }),
);
const target: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(segment, { maxLength: 3 }).map((all) => `/api/chat/${all.join('/')}`),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...['/', '//', '///', '//a//b', '*', '', '?', '/?', '/#', '/api/chat?limit=1e9&before=%00'],
      ...['http://a:b@c/holdfast', 'http://[/holdfast', 'http://x:99999/', 'http:///api/chat'],
      ...[
        'https://evil.example/api/chat',
        'ftp://x/',
        '\\\\x',
        '/\\x',
        '/api//chat',
        '/api/chat//',
      ],
      ...['/holdfast', '//holdfast', '/holdfast/', '/holdfast/..', '/%68oldfast', '/_next/x'],
      ...['/api/chat/s1?limit=-1', '/api/chat/s1?before=x', '/api/chat/s1/stream', 'a:b', '/hasty'],
      // Of streams those that end by themselves: another request follows on the same connection.
      ...[
        '/api/chat/s1/events?wait=0',
        '/api/chat/s0/events?wait=1&pos=E:1-1',
        '/api/chat/s1/events?pos=x',
      ],
      ...['/api/chat/hasty', `/${'a'.repeat(9_000)}`, '/api/chat/\u00ff'],
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
);
const host = fc.oneof(
  { weight: 3, arbitrary: fc.constant('127.0.0.1') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...['', ':', 'a:b:c', '[[', '[::1]', '[::1', 'x:99999', 'x:', '-', '.', '..', 'a b', 'a/b'],
      ...['256.256.256.256', 'u:p@h', 'xn--', '%00', '\u00e9', 'evil.example, localhost', '0x7f.1'],
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 10 }) },
);
const bytes = fc
  .uint8Array({ maxLength: 30 })
  .map((array) => Buffer.from(array).toString('latin1'));
/** Without what would end the header, so that the request stays one. */
const inline = (text: string): string => text.replace(/[\r\n\0]/g, ' ');

const header: fc.Arbitrary<Header> = fc.oneof(
  fc.constantFrom<Header>(
    ['Origin', 'https://evil.example'],
    ['Origin', 'null'],
    ['Origin', 'http://127.0.0.1'],
    ['Host', 'twice'],
    ['Content-Type', 'text/plain'],
    ['Content-Type', 'application/json; charset=\u00ff'],
    ['Authorization', 'Bearer throw'],
    ['Authorization', 'Bearer no'],
    ['Authorization', 'Bearer slow'],
    ['Authorization', 'Bearer \u00e9'],
    ['Connection', 'close'],
    ['Connection', 'Upgrade, HTTP2-Settings'],
    ['Upgrade', 'h2c'],
    ['Upgrade', 'websocket'],
    ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
    ['Expect', '100-continue'],
    ['Expect', 'the moon'],
    ['Cookie', 'a=b'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['Sec-WebSocket-Protocol', 'holdfast.v1'],
    ['Sec-WebSocket-Protocol', ','],
    ['Sec-WebSocket-Version', '7'],
    ['Sec-WebSocket-Key', 'short'],
    ['Sec-WebSocket-Extensions', 'permessage-deflate; server_max_window_bits=99'],
    ['__proto__', 'x'],
  ),
  fc.tuple(fc.constantFrom('X-A', 'Cookie', 'Origin', 'Accept'), bytes.map(inline)),
);
const method = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('GET', 'POST', 'POST', 'DELETE', 'HEAD', 'OPTIONS') },
  { weight: 1, arbitrary: fc.constantFrom(...METHODS, 'TRACK', 'get', 'FOO') },
);
const door = fc.constantFrom(...doorNames.filter((name) => name !== 'http2'));

const large = fc.constantFrom(1_200_000, 2_100_000, 6_000_000).map((length) => 'x'.repeat(length));
const posted: fc.Arbitrary<{ target: string; body: string }> = fc.oneof(
  large.map((text) => ({ target: '/api/chat', body: JSON.stringify({ id: 's1', text }) })),
  ...Object.entries(bodies).map(([verb, body]) =>
    fc.record({
      target: fc.constant(verb === '' || verb === 'stock' ? '/api/chat' : `/api/chat/s1/${verb}`),
      body,
    }),
  ),
);
const request: fc.Arbitrary<Visit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('request' as const),
      door,
      method,
      target: target.map((text) => inline(text).replaceAll(' ', '')),
      headers: fc
        .tuple(host, fc.array(header, { maxLength: 4 }))
        .map(([name, all]): Header[] => [['Host', inline(name)], ...all]),
      body: fc.oneof(
        { weight: 20, arbitrary: fc.constant('') },
        { weight: 6, arbitrary: hazard },
        { weight: 1, arbitrary: large },
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ door, posted, extra: fc.array(header, { maxLength: 1 }) }).map(
      ({ door: at, posted: { target: to, body }, extra }): Visit => ({
        kind: 'request',
        door: at,
        method: 'POST',
        target: at === 'root' ? to.replace('/api/chat', '') || '/' : to,
        headers: [['Host', '127.0.0.1'], ['Content-Type', 'application/json'], ...extra],
        body,
      }),
    ),
  },
);

const hurl: fc.Arbitrary<Visit> = fc.record({
  kind: fc.constant('hurl' as const),
  door,
  bytes: fc.oneof(
    bytes,
    fc
      .tuple(method, target, host, fc.array(header, { maxLength: 4 }), fc.oneof(bytes, hazard))
      .map(
        ([verb, to, name, headers, body]) =>
          `${verb} ${to} HTTP/1.1\r\nHost: ${name}\r\n${headers.map((pair) => pair.join(': ')).join('\r\n')}\r\nContent-Length: 50\r\n\r\n${body}`,
      ),
    fc
      .tuple(target, host)
      .map(
        ([to, name]) =>
          `GET ${to} HTTP/1.1\r\nHost: ${name}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      ),
    bytes.map(
      (chunk) => `POST /api/chat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
    ),
  ),
});

const whole = (text: string): Uint8Array =>
  clientFrame({ op: 1, isFinal: true, payload: Buffer.from(text) });
/** A text in pieces of so many bytes. */
const pieces = (text: string, size: number): Uint8Array[] => {
  const all = Buffer.from(text);
  const count = Math.max(1, Math.ceil(all.length / size));
  return Array.from({ length: count }, (_, at) =>
    clientFrame({
      op: at === 0 ? 1 : 0,
      isFinal: at === count - 1,
      payload: all.subarray(at * size, (at + 1) * size),
    }),
  );
};
const odd: fc.Arbitrary<Fragment> = fc.record({
  op: fc.nat(15),
  isFinal: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 140 }),
  reserved: fc.constantFrom(0, 0, 0, 4, 1),
});
const frames: fc.Arbitrary<Uint8Array[]> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: frameText.map((text) => [whole(text)]) },
      { weight: 3, arbitrary: frameText.map((text) => pieces(text, 1)) },
      { weight: 2, arbitrary: odd.map((fragment) => [clientFrame(fragment)]) },
      {
        weight: 1,
        arbitrary: fc.constant([whole(JSON.stringify({ t: 'ping', x: 'x'.repeat(70_000) }))]),
      },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((raw) => [raw]) },
    ),
    { maxLength: 8 },
  )
  .map((all) => all.flat());
/** What a count of fragments alone would cost a server that kept them. */
export const emptyFragments = (count: number): Uint8Array => {
  const first = clientFrame({ op: 1, isFinal: false, payload: new Uint8Array() });
  const next = clientFrame({ op: 0, isFinal: false, payload: new Uint8Array() });
  return Buffer.concat([first, ...Array<Uint8Array>(count - 1).fill(next)]);
};

const handshake: readonly Header[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Protocol', 'holdfast.v1'],
];
const hello = fc
  .constantFrom('a', 'a', 'a', 'slow', 'no', 'throw', 'never')
  .map((token) => whole(JSON.stringify({ t: 'hello', v: 1, token })));
const socket: fc.Arbitrary<Visit> = fc
  .record({
    door: fc.constantFrom<DoorName>('node', 'root', 'express', 'gateway', 'accept'),
    isPlain: fc.boolean(),
    odds: fc.record({ target, host, extra: fc.array(header, { maxLength: 2 }) }),
    hello: fc.option(hello),
    frames: fc.oneof(
      { weight: 60, arbitrary: frames },
      { weight: 1, arbitrary: fc.constant([emptyFragments(100_000)]) },
    ),
  })
  .map(({ door: at, isPlain, odds, hello: first, frames: sent }) => ({
    kind: 'socket' as const,
    door: at,
    target: isPlain ? (at === 'root' ? '/' : '/holdfast') : inline(odds.target).replaceAll(' ', ''),
    headers: isPlain
      ? [['Host', '127.0.0.1'] as const, ...handshake]
      : [['Host', inline(odds.host)] as const, ...handshake, ...odds.extra],
    frames: first ? [first, ...sent] : sent,
  }));

export const visit: fc.Arbitrary<Visit> = fc.oneof(
  { weight: 2, arbitrary: hurl },
  { weight: 4, arbitrary: request },
  { weight: 3, arbitrary: socket },
);

/** So many of them, the same ones for a seed. */
export const visits = (seed: number, count: number): Visit[] =>
  fc.sample(visit, { seed, numRuns: count });
