import { closeCodes, HoldfastError } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { stopAsked } from '../../src/stop-asked.ts';
import { bodyOf, idleAgent, stockSocket } from '../support/stock-socket.ts';

const send = (requestId: string, more: object = {}) => ({
  type: 'send',
  requestId,
  id: 's1',
  messages: [],
  ...more,
});
const resume = (requestId: string, id = 's1') => ({ type: 'resume', requestId, id });
const abort = (requestId: string) => ({ type: 'abort', requestId });
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** One of whose requests an answer streams. */
async function answering(
  options: Parameters<typeof stockSocket>[0] = {},
  frame: object = resume('r1'),
) {
  const stock = stockSocket(options);
  stock.socket.say(frame);
  const body = bodyOf();
  (await stock.asked()).answer(body.response);
  expect(await stock.told(1)).toEqual([{ type: 'start', requestId: 'r1' }]);
  return { ...stock, body };
}

describe('HF-STK-2: an answer', () => {
  it('is told chunk by chunk in its order, wherever its bytes are cut, and then its end', async () => {
    const { body, told } = await answering();
    const [whole, cut] = ['data: {"a":1}\n\n', 'data: {"b":"é"}\n\ndata: [DONE]\n\n'];
    const bytes = Buffer.from(cut);
    body.say(whole);
    body.say(bytes.subarray(0, 12).toString('latin1'));
    await turn();
    body.say(cut.slice(12));
    body.end();
    const chunk = (sequence: number, said: object) => ({
      type: 'chunk',
      requestId: 'r1',
      sequence,
      chunk: said,
    });
    expect(await told(3)).toEqual([
      chunk(0, { a: 1 }),
      chunk(1, { b: 'é' }),
      { type: 'end', requestId: 'r1' },
    ]);
  });

  it('may be cut within a letter', async () => {
    const { asked, socket, told } = stockSocket();
    socket.say(resume('r1'));
    const bytes = Buffer.from('data: "é"\n\n');
    const parts = [bytes.subarray(0, 8), bytes.subarray(8)].values();
    const stream = new ReadableStream({
      pull: (controller) => {
        const { done, value } = parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    });
    (await asked()).answer(new Response(stream));
    expect((await told(3))[1]).toMatchObject({ chunk: 'é' });
  });

  it.each([
    [
      new HoldfastError('unavailable', 'unable to go on: the log is away'),
      'unable to go on: the log is away',
    ],
    [new Error('a secret'), 'unable to go on: ask again'],
  ])('that breaks off says so: %s', async (error, errorText) => {
    const { body, told, socket } = await answering();
    body.fail(error);
    expect(await told(1)).toEqual([{ type: 'error', requestId: 'r1', errorText }]);
    expect(socket.code).toBeNull();
  });

  it('without a body is none to resume, and the whole of a send', async () => {
    const { asked, socket, told } = stockSocket({ agents: ['a'] });
    for (const [frame, types] of [
      [resume('r1'), ['no-active']],
      [send('r1'), ['start', 'end']],
    ] as const) {
      socket.say(frame);
      (await asked()).answer(new Response(null, { status: 204 }));
      const frames = await told(types.length);
      expect(frames).toEqual(types.map((type) => ({ type, requestId: 'r1' })));
    }
  });

  it.each([
    [
      { error: { code: 'busy', message: 'unable to send: a run is live' } },
      'unable to send: a run is live',
    ],
    [{}, 'unable to answer: try again'],
  ])('that is a refusal is told in its words: %j', async (body, errorText) => {
    const { asked, socket, told } = stockSocket();
    socket.say(resume('r1'));
    (await asked()).answer(Response.json(body, { status: 409 }));
    expect(await told(1)).toEqual([{ type: 'error', requestId: 'r1', errorText }]);
    expect(socket.code).toBeNull();
  });

  it('that is an error of ours is told, and a fault closes the socket and is reported', async () => {
    const { asked, errors, socket, told } = stockSocket();
    socket.say(resume('r1'));
    (await asked()).fail(new HoldfastError('limit', 'unable to answer: too much'));
    expect(await told(1)).toMatchObject([
      { type: 'error', errorText: 'unable to answer: too much' },
    ]);
    expect([errors, socket.code]).toEqual([[], null]);
    socket.say(resume('r2'));
    const fault = new Error('a bug');
    (await asked()).fail(fault);
    await turn();
    expect(errors).toEqual([fault]);
    expect(socket.code).toBe(closeCodes.internal.code);
  });

  it('goes to a process with several agents by name, and otherwise to the only one', async () => {
    for (const [given, expected] of [
      [['a'], { agent: idleAgent, agentName: 'a' }],
      [['a', 'b'], { agent: { a: idleAgent, b: idleAgent } }],
    ] as const) {
      const { asked, socket } = stockSocket({ agents: given });
      socket.say(send('r1'));
      const { route } = await asked();
      expect(route).toEqual({ ...expected, path: [] });
    }
    const { asked, socket, told } = stockSocket();
    socket.say(send('r1'));
    expect(await told(1)).toMatchObject([{ errorText: expect.stringContaining('has no agent') }]);
    socket.say(resume('r1'));
    expect((await asked()).route).toEqual({ agent: {}, path: ['s1', 'stream'] });
  });

  it('is given one at a time to each id, and to no more ids than `subscriptions`', async () => {
    const { asked, body, socket, told } = await answering({ limits: { subscriptions: 2 } });
    socket.say(resume('r2'));
    const other = bodyOf();
    (await asked()).answer(other.response);
    await told(1);
    socket.say(resume('r3'));
    expect(await told(1)).toMatchObject([{ type: 'error', requestId: 'r3' }]);
    body.end();
    expect(await told(1)).toEqual([{ type: 'end', requestId: 'r1' }]);
    socket.say(resume('r1'));
    (await asked()).answer(bodyOf().response);
    expect(await told(1)).toEqual([{ type: 'start', requestId: 'r1' }]);
    socket.say(resume('r2'));
    await turn();
    expect(socket.code).toBe(closeCodes.badFrame.code);
  });
});

describe('HF-STK-4: a client', () => {
  it.each([
    ['stop', stopAsked],
    ['continue', undefined],
  ])('that aborts hears no more, and stops the run or leaves it: %s', async (wish, reason) => {
    const headers = { 'holdfast-on-abort': wish };
    const { body, socket, told } = await answering({ agents: ['a'] }, send('r1', { headers }));
    socket.say(abort('r2'));
    socket.say(abort('r1'));
    await turn();
    expect(body.cancelled).toEqual({ reason });
    expect(socket.frames.slice(1)).toEqual([]);
    socket.say(abort('r1'));
    socket.say(resume('r1'));
    await turn();
    expect([socket.code, await told(0)]).toEqual([null, []]);
  });

  it('that goes stops nothing, and its answers are read no more', async () => {
    const { body, ends, errors, socket, asked } = await answering();
    socket.say(resume('r2'));
    const late = await asked();
    socket.vanish();
    await turn();
    expect(body.cancelled).toEqual({ reason: undefined });
    const other = bodyOf();
    late.answer(other.response);
    await turn();
    expect(other.cancelled).not.toBeNull();
    socket.say(resume('r3'));
    socket.vanish();
    expect([socket.frames.length, ends, errors]).toEqual([1, { said: 1, closed: 0 }, []]);
  });

  it('that is gone by the time of a body that has failed has nothing to do with that', async () => {
    const { asked, errors, socket } = stockSocket();
    socket.say(resume('r1'));
    const { answer } = await asked();
    socket.vanish();
    const body = bodyOf();
    body.fail(new Error('the log is away'));
    answer(body.response);
    await turn();
    expect(errors).toMatchObject([{ message: 'the log is away' }]);
  });
});

describe('HF-FLOW-6: an answer waits while the network takes nothing', () => {
  const say = 'data: 1\n\n';

  it.each(['drained', 'tick'] as const)('and goes on when it does: %s', async (how) => {
    const { body, socket, told, ...stock } = await answering({ limits: { windowBytes: 10 } });
    body.say(say);
    await told(1);
    for (let count = 0; count < 2; count++) {
      socket.bufferedAmount = 11;
      // What was asked for before comes all the same.
      body.say(say);
      await told(1);
      body.say(say);
      await turn();
      expect(await told(0)).toEqual([]);
      stock[how](0);
      await turn();
      expect(await told(0)).toEqual([]);
      socket.bufferedAmount = 10;
      stock[how](0);
      await told(1);
    }
  });

  it('and ends with its socket', async () => {
    const { body, connection, socket, told } = await answering({ limits: { windowBytes: 10 } });
    socket.bufferedAmount = 11;
    body.say(say);
    await told(1);
    connection.close(closeCodes.restart);
    await turn();
    expect(body.cancelled).not.toBeNull();
  });

  it('and one that failed while it waited is nobody’s fault when its socket ends', async () => {
    const { body, connection, errors, socket, told } = await answering({
      limits: { windowBytes: 10 },
    });
    socket.bufferedAmount = 11;
    body.say(say);
    await told(1);
    body.fail(new Error('the log is away'));
    connection.close(closeCodes.restart);
    await turn();
    expect([errors, await told(0)]).toEqual([[], []]);
  });
});
