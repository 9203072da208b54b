import { encodeFrame, type ServerFrame } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { EventBody, type Taken } from '../../src/gateway/event-body.ts';
import { errorIn, gone } from '../../src/gateway/event-refusal.ts';
import { eventOf } from '../../src/gateway/event-text.ts';
import { snapshotFrames } from '../../src/gateway/snapshot-frames.ts';
import { FrameRing } from '../../src/session/ring.ts';
import { emptySnapshot } from '../../src/session/snapshot.ts';

const present = { who: [], count: 0 };
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('the reason of a stream that was refused', () => {
  const err = { code: 'forbidden', message: 'unable to follow: not allowed' } as const;
  const refused = encodeFrame({ t: 'res', r: 1, err });

  it.each<[string, string | Uint8Array]>([
    ['a text', refused],
    ['bytes', Buffer.from(refused)],
  ])('is read from a frame of %s', (_, frame) => {
    expect(errorIn(frame)).toEqual(err);
  });

  it('is that the connection is gone, where the frame names none', () => {
    expect(errorIn(encodeFrame({ t: 'res', r: 1, ok: {} }))).toBe(gone);
  });
});

describe('HF-EVT-2: the event of a frame', () => {
  const entry = (body: string) =>
    new FrameRing('s_1-x').encode({ id: '2-77', prev: '1-5', body }).frame;

  it('has the position of an entry, whatever its body looks like', () => {
    const body = '{"k":"from-the-future","i":"9-9","more":false}';
    const { type, position, bytes } = eventOf(entry(body), 'E1');
    expect([type, position]).toEqual(['entry', 'E1:2-77']);
    const data = `{"t":"entry","s":"s_1-x","p":"1-5","i":"2-77","d":${body}}`;
    expect(textOf(bytes)).toBe(`id: E1:2-77\ndata: ${data}\n\n`);
  });

  it('is found also where all names are as long as they may be', () => {
    const [session, epoch] = ['s'.repeat(128), 'E'.repeat(64)];
    const id = '999999999999999-2147483646';
    const body = '{"k":"from-the-future"}';
    const { frame } = new FrameRing(session).encode({ id, prev: id, body });
    expect(eventOf(frame, epoch).position).toBe(`${epoch}:${id}`);
    const [text = ''] = snapshotFrames(session, emptySnapshot({ epoch, id }, present));
    expect(eventOf(text, '').position).toBe(`${epoch}:${id}`);
  });

  it('is made once for all readers in one epoch', () => {
    const frame = entry('{"k":"from-the-future"}');
    expect(eventOf(frame, 'E1')).toBe(eventOf(frame, 'E1'));
    expect(eventOf(frame, 'E2').position).toBe('E2:2-77');
  });

  it.each(['\n', '\r', '\r\n\r\n'])('is one event where a body has the line end %j', (end) => {
    const body = `{"k":"chunks",${end}"run":"r",${end}"attempt":1,"c":[]}`;
    const text = textOf(eventOf(entry(body), 'E1').bytes);
    expect(text.slice(0, -2).split(/\r\n|\r|\n/)).toHaveLength(2);
    expect(JSON.parse(text.slice(text.indexOf('data: ') + 6)).d).toEqual(JSON.parse(body));
  });

  it('has the position of a snapshot with its last part only, and its epoch from the first on', () => {
    const message = { id: 'm', role: 'user', parts: [{ type: 'text', text: 'x'.repeat(70_000) }] };
    const items = ['a', 'b'].map((id) => ({ id, message: { ...message, id, more: false } }));
    const snapshot = { ...emptySnapshot({ epoch: 'E9', id: '4-4' }, present), items };
    const parts = [...snapshotFrames('s1', snapshot as never)].map((text) => Buffer.from(text));
    const events = parts.map((part) => eventOf(part, 'E1'));
    expect(events.map(({ type, epoch }) => [type, epoch])).toEqual([
      ['snap', 'E9'],
      ['snap', 'E9'],
    ]);
    expect(events.map(({ position }) => position)).toEqual([null, 'E9:4-4']);
    // As it is sent while nothing has to wait.
    const [text = ''] = snapshotFrames('s1', emptySnapshot({ epoch: '', id: '0-0' }, present));
    expect(eventOf(text, 'E1')).toMatchObject({ position: ':0-0', epoch: '' });
  });

  it('of any other kind has none but that of `live`; `reset` takes it away', () => {
    const frames: readonly (readonly [ServerFrame, string | null])[] = [
      [{ t: 'live', s: 's1', i: '3-3' }, 'E1:3-3'],
      [{ t: 'reset', s: 's1', why: 'lag' }, ''],
      [{ t: 'closed', s: 's1', why: 'deleted' }, null],
      [{ t: 'ping' }, null],
      [{ t: 'presence', s: 's1', who: [] }, null],
    ];
    for (const [frame, position] of frames)
      expect(eventOf(encodeFrame(frame), 'E1')).toMatchObject({ type: frame.t, position });
    const subbed = {
      t: 'subbed',
      r: 1,
      s: 's1',
      epoch: 'E7',
      top: '0-0',
      mode: 'replay',
      recovered: true,
    } as const;
    expect(eventOf(encodeFrame(subbed), 'E1')).toMatchObject({ position: null, epoch: 'E7' });
  });
});

describe('HF-EVT-4: the body', () => {
  function open() {
    const taken: Taken[] = [];
    let gone = 0;
    const body: EventBody = new EventBody({
      onTaken: (part) => {
        if (part.bytes > 0) taken.push(part);
      },
      onGone: () => {
        gone++;
      },
    });
    const reader = body.stream.getReader();
    const push = (text: string, mark: string | null = null) => body.push(Buffer.from(text), mark);
    const read = async () => {
      const { done, value } = await reader.read();
      return done ? null : textOf(value);
    };
    return { body, taken, reader, push, read, gone: () => gone };
  }

  it('gives what waits together, and counts it as taken when more is asked for', async () => {
    const { body, taken, push, read } = open();
    push('a', '1-1');
    push('b', null);
    expect(body.waiting).toBe(2);
    expect(await read()).toBe('ab');
    expect([body.waiting, taken]).toEqual([0, []]);
    const next = read();
    expect(taken).toEqual([{ bytes: 2, mark: '1-1' }]);
    push('c', '2-2');
    expect(body.waiting).toBe(0);
    expect(await next).toBe('c');
  });

  it('gives about 64 KiB at a time, and what is larger alone', async () => {
    const { push, read, taken } = open();
    const sizes = [35_536, 30_000, 10_000, 100_000, 1];
    for (const [at, size] of sizes.entries()) push('x'.repeat(size), `${at + 1}-1`);
    const given = [];
    for (let at = 0; at < 4; at++) given.push((await read())?.length);
    expect(given).toEqual([65_536, 10_000, 100_000, 1]);
    expect(taken.map(({ mark }) => mark)).toEqual(['2-1', '3-1', '4-1']);
    for (const size of [35_537, 30_000]) push('x'.repeat(size));
    expect((await read())?.length).toBe(35_537);
  });

  it('ends behind what waits, and is gone once', async () => {
    const { body, push, read, gone } = open();
    push('a');
    body.end();
    expect(gone()).toBe(0);
    push('b');
    expect(await read()).toBe('ab');
    expect(await read()).toBe(null);
    body.end();
    body.cut();
    push('c');
    expect([gone(), body.waiting]).toEqual([1, 0]);
  });

  it('that is cut has no end, and one whose reader leaves keeps nothing', async () => {
    const cut = open();
    cut.push('a');
    cut.body.cut();
    await expect(cut.read()).rejects.toThrow('cut');
    const left = open();
    left.push('a');
    await left.reader.cancel();
    left.push('b');
    expect([left.body.waiting, left.gone(), cut.gone()]).toEqual([0, 1, 1]);
  });
});
