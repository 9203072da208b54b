import { defaultLimits, encodeFrame, type ServerFrame } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { errorOfClose } from '../../src/gateway/event-refusal.ts';
import { EventSocket } from '../../src/gateway/event-socket.ts';
import { manualTime } from '../support/manual-time.ts';

function socketOf(
  ask: Partial<ConstructorParameters<typeof EventSocket>[0]> = {},
  limits = {},
  nonce = () => 1,
) {
  const time = manualTime();
  const all = {
    session: 's1',
    token: undefined,
    position: undefined,
    r: 1,
    presence: undefined,
    waitMs: undefined,
    ...ask,
  };
  const environment = { ...time.environment, nonce };
  const socket = new EventSocket(all, { environment, limits: { ...defaultLimits, ...limits } });
  const said: Record<string, unknown>[] = [];
  let closed = 0;
  socket.onMessage((text) => said.push(JSON.parse(text ?? '')));
  socket.onClose(() => {
    closed++;
  });
  const send = (...frames: readonly ServerFrame[]) =>
    socket.send(frames.map((frame) => Buffer.from(encodeFrame(frame))));
  const subbed = () =>
    socket.send(
      encodeFrame({
        t: 'subbed',
        r: 1,
        s: 's1',
        epoch: 'E1',
        top: '0-0',
        mode: 'replay',
        recovered: true,
      }),
    );
  return { socket, said, send, subbed, time, closed: () => closed };
}
const entryOf = (seq: number, text = ''): ServerFrame => ({
  t: 'entry',
  s: 's1',
  p: `${seq - 1}-1`,
  i: `${seq}-1`,
  d: { k: 'steer', run: text } as never,
});
const typesIn = (text: string) => [...text.matchAll(/^data: \{"t":"(\w+)"/gm)].map(([, t]) => t);

describe('the socket of a stream', () => {
  it('HF-EVT-1: says what a client says first', () => {
    const { socket, said } = socketOf({ token: 'a', position: 'E1:2-2', r: 7, presence: 'typing' });
    socket.begin();
    expect(said).toEqual([
      { t: 'hello', v: 1, token: 'a' },
      { t: 'sub', r: 7, s: 's1', pos: 'E1:2-2' },
      { t: 'presence', s: 's1', state: 'typing' },
    ]);
    const plain = socketOf();
    plain.socket.begin();
    expect(plain.said).toEqual([
      { t: 'hello', v: 1 },
      { t: 'sub', r: 1, s: 's1' },
    ]);
  });

  it('HF-EVT-4: acknowledges what was taken now and then, and before the window is full', async () => {
    const { socket, said, subbed, send } = socketOf({}, { windowBytes: 1_000 });
    const reader = socket.body.getReader();
    subbed();
    for (let seq = 1; seq <= 10; seq++) {
      send(entryOf(seq, 'x'.repeat(100)));
      await reader.read();
    }
    void reader.read();
    const acks = said.map(({ i }) => i);
    expect(acks.length).toBeGreaterThan(2);
    expect(acks.length).toBeLessThan(6);
    expect(new Set(acks).size).toBe(acks.length);
  });

  it('HF-EVT-4: acknowledges when as much as half a window is taken since, with the last position in it', async () => {
    const sizeOf = (what: (made: ReturnType<typeof socketOf>) => void) => {
      const made = socketOf();
      what(made);
      return made.socket.bufferedAmount;
    };
    const first = sizeOf(({ subbed }) => subbed());
    const sizeOfEntry = (words: string) =>
      sizeOf(({ subbed, send }) => {
        subbed();
        send(entryOf(1, words));
      }) - first;
    // One byte less than the first event.
    const words = 'x'.repeat(first - 1 - sizeOfEntry(''));
    const size = sizeOfEntry(words);
    const { socket, said, subbed, send } = socketOf({}, { windowBytes: 2 * (first + 2 * size) });
    const reader = socket.body.getReader();
    subbed();
    await reader.read();
    for (let seq = 1; seq <= 9; seq++) {
      send(entryOf(seq, words));
      await reader.read();
    }
    void reader.read();
    expect(said.map(({ t, i }) => [t, i])).toEqual([
      ['ack', '2-1'],
      ['ack', '6-1'],
    ]);
  });

  it('HF-EVT-4: acknowledges no position twice, however much comes that has none', async () => {
    const { socket, said, subbed, send } = socketOf({}, { windowBytes: 40 });
    const reader = socket.body.getReader();
    subbed();
    const presence: ServerFrame = { t: 'presence', s: 's1', who: [] };
    for (const frame of [entryOf(1), presence, presence, presence]) {
      send(frame);
      await reader.read();
    }
    void reader.read();
    expect(said).toEqual([{ t: 'ack', s: 's1', i: '1-1' }]);
  });

  it('HF-EVT-4: answers a ping when its reader asks for more, and not before', async () => {
    const { socket, said, subbed, send } = socketOf();
    const reader = socket.body.getReader();
    subbed();
    await reader.read();
    send({ t: 'ping' });
    expect(said).toEqual([]);
    await reader.read();
    expect(said).toEqual([{ t: 'pong' }]);
    void reader.read();
    expect(said).toEqual([{ t: 'pong' }]);
  });

  it('HF-EVT-5: a reader that does not even take the end is cut in time', async () => {
    const { socket, subbed, time, closed } = socketOf();
    subbed();
    socket.close(4504, 'no-pong');
    time.pass(4_999);
    expect(closed()).toBe(0);
    time.pass(1);
    expect([closed(), time.timers]).toEqual([1, 0]);
    await expect(socket.body.getReader().read()).rejects.toThrow('cut');
  });

  it('HF-EVT-5: the end is the last event, and takes the timer along', async () => {
    const { socket, subbed, time, closed } = socketOf();
    subbed();
    socket.close(1012, 'restart');
    socket.close(1012, 'restart');
    const text = await new Response(socket.body).text();
    expect(typesIn(text)).toEqual(['subbed', 'end']);
    expect(text).toContain('data: {"t":"end","code":1012,"why":"restart"}\n\n');
    expect([closed(), time.timers]).toEqual([1, 0]);
  });

  it('HF-EVT-9: ends by itself, as if it was cut, when it is between 4 and 4.5 minutes old', async () => {
    // Half of the share that is drawn.
    const { socket, subbed, time, closed } = socketOf({}, {}, () => 2 ** 30);
    const text = new Response(socket.body).text();
    subbed();
    time.pass(254_999);
    expect(closed()).toBe(0);
    time.pass(1);
    expect(typesIn(await text)).toEqual(['subbed']);
    expect([closed(), time.timers]).toEqual([1, 0]);
  });

  it('HF-EVT-3: is refused by its close, or by the answer, before it has begun', async () => {
    for (const [code, name] of [
      [1009, 'bad_request'],
      [1012, 'unavailable'],
      [1013, 'unavailable'],
      [4401, 'unauthorized'],
      [4403, 'forbidden'],
      [4408, 'unavailable'],
      [4429, 'limit'],
      [4500, 'internal'],
    ] as const) {
      const { socket, closed } = socketOf();
      socket.close(code, 'why');
      expect((await socket.answered)?.code).toBe(name);
      expect([closed(), errorOfClose(code).code]).toEqual([1, name]);
    }
    expect(errorOfClose(1012).retryMs).toBe(1_000);
    expect(errorOfClose(1013).retryMs).toBe(5_000);
    const { socket, send, closed } = socketOf();
    const err = { code: 'limit', message: 'too many' } as const;
    send({ t: 'res', r: 1, err } as ServerFrame);
    expect([await socket.answered, closed()]).toEqual([err, 1]);
    const gone = socketOf();
    gone.socket.cut();
    gone.socket.begin();
    expect((await gone.socket.answered)?.code).toBe('unavailable');
    expect([gone.said, gone.closed()]).toEqual([[], 1]);
  });
});

describe('HF-EVT-6: with wait', () => {
  const live = (seq: number): ServerFrame => ({ t: 'live', s: 's1', i: `${seq}-1` });
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it.each([
    ['something was replayed', 20_000, [entryOf(2), live(2)], ['entry', 'live']],
    ['nothing was, and it is not to wait', 0, [live(1)], ['live']],
    [
      'the position was reset',
      20_000,
      [{ t: 'reset', s: 's1', why: 'lag' }, live(3)],
      ['reset', 'live'],
    ],
  ] as const)('ends at once where %s', async (_, waitMs, frames, types) => {
    const { socket, subbed, send, time } = socketOf({ position: 'E1:1-1', waitMs });
    subbed();
    send(...(frames as readonly ServerFrame[]));
    expect(typesIn(await new Response(socket.body).text())).toEqual(['subbed', ...types]);
    expect(time.timers).toBe(0);
  });

  it('ends behind what comes, with all that comes together, and what is no news', async () => {
    const { socket, subbed, send, time } = socketOf({ position: 'E1:1-1', waitMs: 20_000 });
    subbed();
    send(live(1));
    await settle();
    send({ t: 'ping' });
    const text = new Response(socket.body).text();
    await settle();
    expect(time.timers).toBe(1);
    send(entryOf(2), entryOf(3));
    expect(typesIn(await text)).toEqual(['subbed', 'live', 'ping', 'entry', 'entry']);
    expect(time.timers).toBe(0);
  });

  it('ends when the time is over', async () => {
    const { socket, subbed, send, time, closed } = socketOf({
      position: 'E1:1-1',
      waitMs: 9_000,
    });
    const text = new Response(socket.body).text();
    subbed();
    send(live(1));
    await settle();
    time.pass(8_999);
    await settle();
    expect(closed()).toBe(0);
    time.pass(1);
    expect(typesIn(await text)).toEqual(['subbed', 'live']);
    expect(closed()).toBe(1);
  });

  it('is not ended at once by who is there, since its own coming changes that', async () => {
    const { socket, subbed, send, time, closed } = socketOf({
      position: 'E1:1-1',
      waitMs: 9_000,
    });
    const text = new Response(socket.body).text();
    const presence: ServerFrame = { t: 'presence', s: 's1', who: [] };
    subbed();
    // Told together with `live`: that is nothing new.
    send(live(1), presence);
    await settle();
    time.pass(5_000);
    await settle();
    expect(closed()).toBe(0);
    send(presence);
    expect(typesIn(await text)).toEqual(['subbed', 'live', 'presence', 'presence']);

    const soon = socketOf({ position: 'E1:1-1', waitMs: 9_000 });
    const rest = new Response(soon.socket.body).text();
    soon.subbed();
    soon.send(live(1));
    await settle();
    soon.time.pass(400);
    soon.send(presence);
    soon.time.pass(599);
    await settle();
    expect(soon.closed()).toBe(0);
    soon.time.pass(1);
    expect(typesIn(await rest)).toEqual(['subbed', 'live', 'presence']);
    expect(soon.time.timers).toBe(0);
  });

  it('leaves no timer when its reader goes', async () => {
    const { socket, subbed, send, time } = socketOf({ position: 'E1:1-1', waitMs: 9_000 });
    subbed();
    send(live(1));
    await settle();
    expect(time.timers).toBe(1);
    await socket.body.cancel();
    expect(time.timers).toBe(0);
  });
});
