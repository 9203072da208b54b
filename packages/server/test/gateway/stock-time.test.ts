import { closeCodes } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { bodyOf, stockSocket } from '../support/stock-socket.ts';

const resume = (requestId: string) => ({ type: 'resume', requestId, id: 's1' });
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const minuteMs = 60_000;

describe('HF-STK-1: how long a socket lives', () => {
  it('that asks for nothing: until the limit, and no frame is judged while the process stood still', () => {
    const { connection, ends, socket, tick } = stockSocket({ limits: { helloTimeoutMs: 5_000 } });
    tick(4_999);
    expect([socket.code, connection.isClosed]).toEqual([null, false]);
    tick(1, true);
    expect(socket.code).toBeNull();
    tick(0);
    expect([socket.code, connection.isClosed]).toEqual([closeCodes.helloTimeout.code, true]);
    connection.close(closeCodes.internal);
    connection.drain(1);
    tick(minuteMs);
    expect([ends, socket.code]).toEqual([{ said: 1, closed: 1 }, closeCodes.helloTimeout.code]);
  });

  it('that asks: as long as anything is answered, and a minute more', async () => {
    const { asked, socket, tick, told } = stockSocket();
    const bodies = [bodyOf(), bodyOf()];
    for (const [at, body] of bodies.entries()) {
      socket.say(resume(`r${at}`));
      (await asked()).answer(body.response);
    }
    await told(2);
    tick(10 * minuteMs);
    expect(socket.code).toBeNull();
    bodies[0]?.end();
    await told(1);
    tick(10 * minuteMs);
    expect(socket.code).toBeNull();
    bodies[1]?.end();
    await told(1);
    await turn();
    tick(minuteMs - 1);
    expect(socket.code).toBeNull();
    tick(1);
    expect(socket.code).toBe(closeCodes.normal.code);
  });

  it('while the application takes its time to answer', async () => {
    const { asked, socket, tick, told } = stockSocket();
    socket.say(resume('r1'));
    const { answer } = await asked();
    tick(10 * minuteMs);
    expect(socket.code).toBeNull();
    answer(new Response(null, { status: 204 }));
    await told(1);
    await turn();
    tick(minuteMs - 1);
    expect(socket.code).toBeNull();
  });

  it('in a process that drains: to the end of what was asked', async () => {
    const idle = stockSocket();
    idle.connection.drain(1);
    expect(idle.socket.code).toBe(closeCodes.restart.code);
    const { asked, connection, socket, tick, told } = stockSocket();
    socket.say(resume('r1'));
    const first = await asked();
    socket.say(resume('r2'));
    connection.drain(1);
    const body = bodyOf();
    first.answer(body.response);
    const second = await asked();
    tick(10 * minuteMs);
    expect(socket.code).toBeNull();
    body.end();
    await told(2);
    await turn();
    tick(0);
    expect(socket.code).toBeNull();
    second.answer(new Response(null, { status: 204 }));
    await told(1);
    await turn();
    tick(0);
    expect(socket.code).toBe(closeCodes.restart.code);
  });
});

describe('HF-STK-6: frames', () => {
  const sized = (size: number): string => {
    const frame = { ...resume('r1'), pad: '' };
    return JSON.stringify({ ...frame, pad: 'x'.repeat(size - JSON.stringify(frame).length) });
  };

  it('are as large as a send may be', () => {
    for (const [size, code] of [
      [1_000, null],
      [1_001, closeCodes.tooBig.code],
    ] as const) {
      const { socket } = stockSocket({ limits: { sendBytes: 1_000 } });
      socket.say(sized(size));
      expect(socket.code).toBe(code);
    }
  });

  it('HF-STK-2: of a stranger are as large as any frame, and so are those that wait', () => {
    const limits = { frameBytes: 1_000, sendBytes: 10_000 };
    for (const [sizes, code] of [
      [[1_000], null],
      [[1_001], closeCodes.tooBig.code],
      [[500, 500], null],
      [[500, 501], closeCodes.tooMany.code],
    ] as const) {
      const { socket } = stockSocket({ limits, isKnown: false });
      for (const size of sizes) socket.say(sized(size));
      expect(socket.code).toBe(code);
    }
  });

  it('of bytes are none', () => {
    const { socket, errors } = stockSocket();
    socket.say(null);
    expect([socket.code, errors]).toEqual([closeCodes.badFrame.code, []]);
  });

  it('are as many at once as the rate allows, and wait as far as one may be large', () => {
    const hasty = stockSocket({ limits: { subscriptions: 1, framesBurst: 4, framesPerSecond: 1 } });
    for (let at = 0; at < 4; at++) hasty.socket.say({ type: 'abort', requestId: 'r' });
    expect(hasty.socket.code).toBeNull();
    hasty.socket.say({ type: 'abort', requestId: 'r' });
    expect(hasty.socket.code).toBe(closeCodes.tooMany.code);
    const { socket } = stockSocket({ limits: { sendBytes: 1_000 } });
    socket.say(sized(600));
    expect(socket.code).toBeNull();
    socket.say(sized(600));
    expect(socket.code).toBe(closeCodes.tooMany.code);
  });

  it('behind the end of the socket are nobody’s', async () => {
    const { connection, socket, ...stock } = stockSocket();
    socket.say(resume('r1'));
    connection.close(closeCodes.restart);
    socket.say(resume('r2'));
    await turn();
    expect([stock.left, socket.frames, connection.follows]).toEqual([0, [], 0]);
  });
});
