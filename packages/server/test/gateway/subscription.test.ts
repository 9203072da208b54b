import type { SessionLog } from '@holdfast/log';
import {
  defaultLimits,
  HoldfastError,
  type Limits,
  type Message,
  type ServerFrame,
} from '@holdfast/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHoldfast } from '../../src/index.ts';
import { LosingLog } from '../support/failover.ts';
import { changed } from '../support/logs.ts';
import { userMessage } from '../support/server.ts';
import { UnreadSocket } from '../support/unread-socket.ts';

const session = 's';
const names = (count: number) => Array.from({ length: count }, (_, at) => `m${at}`);

let nonce = 0;
const write = async (log: SessionLog, ...messages: readonly (string | Message)[]) => {
  for (const given of messages) {
    nonce++;
    const message = typeof given === 'string' ? userMessage(given, given) : given;
    const body = JSON.stringify({ k: 'message', message, at: 0 });
    await log.send(session, { command: `c${nonce}`, entries: [{ nonce, body }] });
  }
};

function gatewayOn(log: SessionLog, limits: Partial<Limits> = {}) {
  const errors: unknown[] = [];
  const holdfast = createHoldfast({
    log,
    authorize: () => ({ id: 'u' }),
    limits: { ...defaultLimits, pollMs: 20, lingerMs: 0, ...limits },
    onError: (...reported) => errors.push(reported),
  });
  onTestFinished(() => holdfast.close());
  const open = (isReading = true) => new UnreadSocket(holdfast, { isReading });
  return { holdfast, open, errors };
}

async function live(socket: UnreadSocket, pos?: string): Promise<void> {
  const before = socket.of('live').length;
  socket.say({ t: 'sub', r: 1, s: session, ...(pos === undefined ? {} : { pos }) });
  await vi.waitFor(() => expect(socket.of('live').length).toBeGreaterThan(before));
}
const entriesOf = (socket: UnreadSocket) =>
  socket.of('entry').flatMap(({ d }) => (d.k === 'message' ? [d.message.id] : []));
/** What a client shows: the newest snapshot and what came behind it. */
const shownBy = (socket: UnreadSocket) => {
  const from = socket.frames.findLastIndex((frame) => frame.t === 'subbed' || frame.t === 'reset');
  return socket.frames.slice(from).flatMap((frame: ServerFrame) => {
    if (frame.t === 'snap') return frame.items.map(({ id }) => id);
    return frame.t === 'entry' && frame.d.k === 'message' ? [frame.d.message.id] : [];
  });
};

describe('HF-SUB-7: who follows live is reset by its feed, though nothing more is written', () => {
  it('F7: when the log is shorter than what was sent', async () => {
    const losing = new LosingLog();
    await write(losing.log, 'a');
    const back = losing.replica(session);
    const socket = gatewayOn(losing.log).open();
    await live(socket);
    await write(losing.log, 'lost');
    await vi.waitFor(() => expect(entriesOf(socket)).toEqual(['lost']));
    back();
    await vi.waitFor(() => expect(socket.of('reset')).toHaveLength(1));
    await vi.waitFor(() => expect(socket.of('live')).toHaveLength(2));
    expect(socket.of('reset')[0]?.why).toBe('ahead');
    expect(shownBy(socket)).toEqual(['a']);
    await write(losing.log, 'b');
    await vi.waitFor(() => expect(shownBy(socket)).toEqual(['a', 'b']));
  });

  it('F7: when it has something else in that place', async () => {
    const losing = new LosingLog();
    await write(losing.log, 'a');
    const back = losing.replica(session);
    // It is not told of what is written then.
    const deafened = { is: false };
    const log = changed(losing.log, {
      subscribe: (id, listener) =>
        losing.log.subscribe(id, (delivery) => {
          if (!deafened.is) listener(delivery);
        }),
    });
    const socket = gatewayOn(log).open();
    await live(socket);
    await write(losing.log, 'lost');
    await vi.waitFor(() => expect(entriesOf(socket)).toEqual(['lost']));
    deafened.is = true;
    back();
    await write(losing.log, 'other');
    await vi.waitFor(() => expect(socket.of('live')).toHaveLength(2));
    expect(socket.of('reset').map(({ why }) => why)).toEqual(['diverged']);
    expect(shownBy(socket)).toEqual(['a', 'other']);
  });

  it('F6: when it is gone, and when it begins anew', async () => {
    const losing = new LosingLog();
    const { sessions } = losing.log as unknown as { readonly sessions: Map<string, unknown> };
    await write(losing.log, 'a');
    const socket = gatewayOn(losing.log).open();
    await live(socket);
    sessions.clear();
    await vi.waitFor(() => expect(socket.of('reset').map(({ why }) => why)).toEqual(['epoch']));
    await vi.waitFor(() => expect(socket.of('live')).toHaveLength(2));
    expect(shownBy(socket)).toEqual([]);
    await write(losing.log, 'b');
    await vi.waitFor(() => expect(shownBy(socket)).toEqual(['b']));
    const epochs = socket.of('snap').map(({ epoch }) => epoch);
    expect(new Set(epochs).size).toBe(3);
  });
});

describe('HF-SUB-2: a replay', () => {
  const positions = async (log: SessionLog) => {
    const read = await log.read(session, { after: null, limit: 5_000 });
    if (read.kind !== 'entries') throw new Error(read.kind);
    return read.entries.map(({ id }) => `${read.epoch}:${id}`);
  };

  it.each([0, 1, 199, 200, 201, 399, 599])(
    'has all %d entries behind a position',
    async (count) => {
      const { log } = new LosingLog();
      await write(log, ...names(600));
      const all = await positions(log);
      const socket = gatewayOn(log, { replayBytes: 10_000_000, windowBytes: 10_000_000 }).open();
      await live(socket, all[600 - count - 1]);
      expect(socket.of('subbed')[0]).toMatchObject({ mode: 'replay', recovered: true });
      expect(entriesOf(socket)).toEqual(names(600).slice(600 - count));
      expect(socket.of('snap')).toEqual([]);
    },
  );

  it('is a snapshot where it would be larger than replayBytes, and not where it is as large', async () => {
    const { log } = new LosingLog();
    await write(log, ...names(6));
    const all = await positions(log);
    const read = await log.read(session, { after: null, limit: 9 });
    const bytes =
      read.kind === 'entries' ? read.entries.slice(1).map(({ body }) => body.length) : [];
    const replayBytes = bytes.reduce((sum, each) => sum + each);
    const enough = gatewayOn(log, { replayBytes }).open();
    await live(enough, all[0]);
    expect(enough.of('subbed')[0]).toMatchObject({ mode: 'replay' });
    const less = gatewayOn(log, { replayBytes: replayBytes - 1 }).open();
    await live(less, all[0]);
    expect(less.of('subbed')[0]).toMatchObject({ mode: 'snapshot', recovered: true });
    expect(less.of('reset')).toEqual([]);
    expect(shownBy(less)).toEqual(names(6));
  });

  it('of a session that is gone is a reset', async () => {
    const { log } = new LosingLog();
    const socket = gatewayOn(log).open();
    await live(socket, 'gone:7-7');
    expect(socket.of('subbed')[0]).toMatchObject({ recovered: false, epoch: '' });
    expect(socket.of('reset')[0]?.why).toBe('epoch');
  });
});

describe('HF-FLOW-2: a client that acknowledges', () => {
  it('is sent as much as fits the window, and goes on from there, from the log where it must', async () => {
    const { log } = new LosingLog();
    await write(log, 'first');
    const socket = gatewayOn(log, { windowBytes: 2_000, lagBytes: 10_000_000 }).open();
    await live(socket);
    await write(log, ...names(1_000));
    await vi.waitFor(() => expect(socket.of('entry').length).toBeGreaterThan(5));
    expect(socket.of('entry').length).toBeLessThan(40);
    for (let last = ''; entriesOf(socket).length < 1_000; ) {
      const i = socket.of('entry').at(-1)?.i ?? '';
      expect(i).not.toBe(last);
      last = i;
      const before = socket.of('entry').length;
      socket.say({ t: 'ack', s: session, i });
      await vi.waitFor(() => expect(socket.of('entry').length).toBeGreaterThan(before));
    }
    expect(entriesOf(socket)).toEqual(names(1_000));
    expect(socket.of('reset')).toEqual([]);
  });
});

it('HF-FLOW-5: who does not read costs neither who does nor the agent anything', async () => {
  const losing = new LosingLog();
  let reads = 0;
  const log = changed(losing.log, {
    read: (...given) => {
      reads++;
      return losing.log.read(...given);
    },
  });
  await write(log, 'first');
  const { open } = gatewayOn(log, { windowBytes: 4_000, pollMs: 60_000 });
  const slow = open();
  await live(slow);
  const quick = open();
  await live(quick);
  await write(log, ...names(30).map((id) => `${id} ${'x'.repeat(200)}`));
  // The one that acknowledges nothing has been sent what fits its window.
  await vi.waitFor(() => expect(slow.of('entry').length).toBeGreaterThan(0));
  const stopped = slow.of('entry').length;
  expect(stopped).toBeLessThan(30);
  const before = reads;
  const untilIt = (count: number) =>
    vi.waitFor(() => {
      const i = quick.of('entry').at(-1)?.i;
      if (i) quick.say({ t: 'ack', s: session, i });
      expect(quick.of('entry').length).toBe(count);
    });
  await untilIt(30);
  for (let at = 1; at <= 100; at++) {
    await write(log, `later ${at}`);
    await untilIt(30 + at);
  }
  expect(slow.of('entry')).toHaveLength(stopped);
  // What was missed while it was stopped is read for it when it goes on, and not before.
  expect(reads - before).toBeLessThan(10);
});

it('HF-SUB-4: a session that begins while its follower is not told names its epoch by a poll', async () => {
  const { log } = new LosingLog();
  const deaf = changed(log, { subscribe: async () => () => {} });
  const socket = gatewayOn(deaf).open();
  await live(socket, ':0-0');
  await write(log, 'a', 'b');
  await vi.waitFor(() => expect(entriesOf(socket)).toEqual(['a', 'b']));
  expect(socket.of('snap').at(-1)).toMatchObject({ through: '0-0', items: [] });
  expect(socket.of('snap').at(-1)?.epoch).not.toBe('');
});

describe('what the log fails with while a session is read', () => {
  /** A gateway whose reads fail as they are told to; nothing else reads. */
  function failing(limits: Partial<Limits> = {}) {
    const { log } = new LosingLog();
    const fault: { is: Error | null } = { is: null };
    const check = () => {
      if (fault.is) throw fault.is;
    };
    const broken = changed(log, {
      open: async (...given) => {
        check();
        return await log.open(...given);
      },
      read: async (...given) => {
        check();
        return await log.read(...given);
      },
    });
    return { log, fault, ...gatewayOn(broken, { pollMs: 60_000, ...limits }) };
  }

  it('closes the socket where it is a bug', async () => {
    const { log, fault, open, errors } = failing();
    await write(log, 'a');
    const socket = open();
    fault.is = new Error('a bug of the log');
    socket.say({ t: 'sub', r: 1, s: session });
    await vi.waitFor(() => expect(socket.code).toBe(4500));
    expect(errors).toEqual([[fault.is, {}]]);
  });

  it('HF-ERR-1: answers `sub` where it may pass, and the socket stays', async () => {
    const { log, fault, open, errors } = failing();
    await write(log, 'a');
    const socket = open();
    fault.is = new HoldfastError('unavailable', 'unable to read the log: cut');
    socket.say({ t: 'sub', r: 1, s: session });
    await vi.waitFor(() => expect(socket.of('res')).toHaveLength(1));
    expect(socket.of('res')[0]).toMatchObject({ r: 1, err: { code: 'unavailable' } });
    expect(errors).toMatchObject([[{ code: 'unavailable' }, {}]]);
    fault.is = null;
    await live(socket);
    expect(shownBy(socket)).toEqual(['a']);
    expect(socket.code).toBeNull();
  });

  it('is reported with its session where nobody asked, and closes the socket', async () => {
    const { log, fault, open, errors } = failing({ windowBytes: 2_000, lagBytes: 3_000 });
    await write(log, 'first');
    const socket = open();
    await live(socket);
    await write(log, ...names(100));
    await vi.waitFor(() => expect(socket.of('entry').length).toBeGreaterThan(5));
    fault.is = new Error('a bug of the log');
    // It is far behind, so that it needs a snapshot to go on.
    socket.say({ t: 'ack', s: session, i: socket.of('entry').at(-1)?.i });
    await vi.waitFor(() => expect(socket.code).toBe(4500));
    expect(errors).toEqual([[fault.is, { session }]]);
  });
});
