import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emptyFragments, visit } from '../fuzz/cases.ts';
import { type Doors, doorNames, openDoors } from '../fuzz/doors.ts';
import { payHttp2, visit2 } from '../fuzz/http2.ts';
import { pay } from '../fuzz/pay.ts';
import { clientFrame, textFrame, Wire } from '../fuzz/wire.ts';

// The same strangers as of `npm run fuzz`, a few of them: what they are against is a process of its own.
let doors: Doors;
beforeAll(async () => {
  doors = await openDoors();
}, 60_000);
afterAll(() => doors?.close());

const seed = 12;
const lives = () => expect(doors.exit).toBe(null);

it('HF-CONN-8: whatever a stranger sends to any door is answered or closed, and the next request is served', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(visit, { minLength: 20, maxLength: 20 }), async (visits) => {
      await Promise.all(visits.map((each) => pay(doors, each)));
    }),
    { seed, numRuns: 12, endOnFailure: true },
  );
  lives();
}, 60_000);

it('HF-HTTP-6: pseudo headers of HTTP/2 are no worse than a request line', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(visit2, { minLength: 10, maxLength: 10 }), async (visits) => {
      await Promise.all(visits.map((each) => payHttp2(doors, each)));
    }),
    { seed, numRuns: 6, endOnFailure: true },
  );
  lives();
}, 60_000);

const upgradeTo = (target: string, host: string) =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: holdfast.v1\r\n\r\n`;

const http1 = doorNames.filter((name) => name !== 'http2');

it.each(http1)(
  'HF-HTTP-6: no request line, host or method ends %s',
  async (door) => {
    const hosts = [':', 'a:b:c', '[[', 'x:99999', '256.256.256.256', 'a b', ''];
    const targets = [
      '//',
      '//x',
      '/',
      '*',
      'http://u:p@h/holdfast',
      'http://[/',
      '/holdfast',
      '/%',
    ];
    const lines = hosts.flatMap((host) => targets.map((target) => ({ host, target })));
    await Promise.all(
      lines.flatMap(({ host, target }) =>
        [
          upgradeTo(target, host),
          `TRACE ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
          `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`,
        ].map(async (text) => {
          const wire = new Wire(doors.ports[door]);
          wire.write(text);
          await wire.answer();
          wire.destroy();
        }),
      ),
    );
    lives();
  },
  60_000,
);

/** A socket that has said hello. */
async function greeted(): Promise<Wire> {
  const wire = new Wire(doors.ports.gateway);
  wire.write(upgradeTo('/holdfast', '127.0.0.1'));
  expect((await wire.answer())?.status).toBe(101);
  wire.write(textFrame('{"t":"hello","v":1,"token":"a"}'));
  expect((await wire.frame())?.payload.toString()).toContain('welcome');
  return wire;
}

const codeOf = async (wire: Wire): Promise<number | string | undefined> => {
  for (;;) {
    const frame = await wire.frame();
    if (frame === null) return 'closed';
    if (frame.op === 8) return frame.payload.readUInt16BE();
    if (frame.payload.toString() === '{"t":"pong"}') return 'pong';
  }
};

it('S10: 100,000 empty fragments and a text of one-byte fragments cost their sender the socket at most', async () => {
  const flood = await greeted();
  flood.write(emptyFragments(100_000));
  expect(await codeOf(flood)).toBe(1008);
  const slow = await greeted();
  const text = Buffer.from('{"t":"ping"}');
  text.forEach((_, at) => {
    const payload = text.subarray(at, at + 1);
    slow.write(clientFrame({ op: at === 0 ? 1 : 0, isFinal: at === text.length - 1, payload }));
  });
  expect(await codeOf(slow)).toBe('pong');
  lives();
});

it('S10: compression is not agreed on, and a frame that claims it is refused', async () => {
  const wire = new Wire(doors.ports.gateway);
  wire.write(
    upgradeTo('/holdfast', '127.0.0.1').replace(
      'Sec-WebSocket-Version',
      'Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Version',
    ),
  );
  const answer = await wire.answer();
  expect(answer?.status).toBe(101);
  expect(answer?.head).not.toMatch(/extensions/i);
  wire.write(clientFrame({ op: 1, isFinal: true, payload: Buffer.from('x'), reserved: 4 }));
  expect(await codeOf(wire)).toBe(1002);
});

it.each([
  ['a deep nest', `{"t":"ping","x":${'['.repeat(33)}${']'.repeat(33)}}`, 4400],
  ['`__proto__`', '{"t":"ping","__proto__":{"t":"hello","polluted":1}}', 'pong'],
  ['a type out of `__proto__`', '{"__proto__":{"t":"ping"}}', 4400],
  ['a type that every object has', '{"t":"constructor"}', 4400],
  ['1e400', '{"t":"sub","r":1e400,"s":"s1"}', 4400],
  ['a lone surrogate', '{"t":"sub","r":1,"s":"\\ud800"}', 4400],
  ['NUL', '{"t":"sub","r":1,"s":"s\\u0000"}', 4400],
])('S11: %s in a frame does what it should', async (_, text, outcome) => {
  const wire = await greeted();
  wire.write(textFrame(text));
  expect(await codeOf(wire)).toBe(outcome);
  lives();
});
