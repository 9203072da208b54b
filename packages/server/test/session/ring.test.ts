import { describe, expect, it } from 'vitest';
import { FrameRing } from '../../src/session/ring.ts';

const idOf = (seq: number) => (seq === 0 ? '0-0' : `${seq}-7`);
const entry = (seq: number, body = '{"k":"future"}') => ({
  id: idOf(seq),
  prev: idOf(seq - 1),
  body,
});

function filled(from: number, to: number, body?: string) {
  const ring = new FrameRing('s', () => {});
  for (let seq = from; seq <= to; seq++) ring.push(entry(seq, body));
  return ring;
}
const seqsOf = (ring: FrameRing, from: number, to: number) =>
  ring.after(idOf(from), idOf(to))?.map(({ seq }) => seq) ?? null;
const upTo = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe('HF-SUB-5: the frames behind an entry', () => {
  it('are all that were pushed since, in order', () => {
    const ring = filled(5, 9);
    expect(seqsOf(ring, 4, 9)).toEqual([5, 6, 7, 8, 9]);
    expect(seqsOf(ring, 8, 9)).toEqual([9]);
    expect(seqsOf(ring, 9, 9)).toEqual([]);
  });

  it('are not known where it does not reach back, nor before anything came', () => {
    expect(seqsOf(filled(5, 9), 3, 9)).toBeNull();
    expect(seqsOf(filled(5, 9), 0, 9)).toBeNull();
    expect(seqsOf(new FrameRing('s', () => {}), 0, 9)).toBeNull();
    expect(seqsOf(filled(5, 9), 11, 12)).toBeNull();
  });

  it('are not known behind another entry of the same number', () => {
    const ring = filled(5, 9);
    expect(ring.after('6-8', idOf(9))).toBeNull();
    expect(ring.after('4-8', idOf(9))).toBeNull();
  });

  it('are made once for all who ask the same, and anew when there are more', () => {
    const ring = filled(1, 3);
    const first = ring.after(idOf(1), idOf(3));
    expect(ring.after(idOf(1), idOf(3))).toBe(first);
    ring.push(entry(4));
    expect(seqsOf(ring, 1, 4)).toEqual([2, 3, 4]);
    expect(seqsOf(ring, 2, 4)).toEqual([3, 4]);
  });

  it('are none of those that were forgotten', () => {
    const ring = filled(1, 3);
    ring.after(idOf(1), idOf(3));
    ring.clear();
    expect(seqsOf(ring, 1, 3)).toBeNull();
    ring.push(entry(9));
    expect(seqsOf(ring, 8, 9)).toEqual([9]);
    expect(seqsOf(ring, 1, 3)).toBeNull();
  });
});

describe('what is held is bounded', () => {
  it('by count: the newest 2,000', () => {
    const ring = filled(1, 2_000);
    expect(seqsOf(ring, 0, 2_000)).toHaveLength(2_000);
    ring.push(entry(2_001));
    expect(seqsOf(ring, 0, 2_001)).toBeNull();
    expect(seqsOf(ring, 1, 2_001)).toEqual(upTo(2, 2_001));
  });

  it('also behind many more', () => {
    const ring = filled(1, 9_999);
    expect(seqsOf(ring, 7_998, 9_999)).toBeNull();
    expect(seqsOf(ring, 7_999, 9_999)).toEqual(upTo(8_000, 9_999));
    expect(seqsOf(ring, 9_998, 9_999)).toEqual([9_999]);
    // What is not held takes no memory: the array is cut now and then.
    for (let seq = 10_000; seq <= 14_000; seq++) {
      ring.push(entry(seq));
      expect(seqsOf(ring, seq - 1, seq)).toEqual([seq]);
      expect(seqsOf(ring, seq - 2_001, seq)).toBeNull();
      if (seq % 97 === 0) expect(seqsOf(ring, seq - 2_000, seq)).toEqual(upTo(seq - 1_999, seq));
    }
  });

  it('by bytes: a mebibyte', () => {
    const body = JSON.stringify({ k: 'future', x: 'x'.repeat(100_000) });
    const ring = filled(1, 30, body);
    const held = seqsOf(ring, 20, 30);
    expect(held).toEqual(upTo(21, 30));
    expect(seqsOf(ring, 19, 30)).toBeNull();
    // Small ones that follow push out the large ones that are left.
    for (let seq = 31; seq <= 500; seq++) ring.push(entry(seq));
    expect(seqsOf(ring, 21, 500)).toHaveLength(479);
  });

  it.each([
    { over: 0, held: 1 },
    { over: 1, held: null },
  ])('by bytes, to the last one: $over over a mebibyte', ({ over, held }) => {
    const bodyOf = (length: number) => `{"k":"future","x":"${'x'.repeat(length)}"}`;
    const rest = new FrameRing('s').encode(entry(1, bodyOf(0))).frame.length;
    const ring = filled(1, 1, bodyOf(1_048_576 - rest + over));
    expect(ring.total).toBe(1_048_576 + over);
    expect(seqsOf(ring, 0, 1)?.length ?? null).toBe(held);
  });

  it('one that is larger than all that may be held is not', () => {
    const ring = filled(1, 3, JSON.stringify({ k: 'future', x: 'x'.repeat(1_100_000) }));
    expect(seqsOf(ring, 2, 3)).toBeNull();
    ring.push(entry(4));
    expect(seqsOf(ring, 3, 4)).toEqual([4]);
  });

  it('while all bytes that ever came are counted', () => {
    const ring = filled(1, 3);
    const each = ring.encode(entry(1)).frame.length;
    expect(ring.total).toBe(3 * each);
    ring.clear();
    expect(ring.total).toBe(3 * each);
    ring.push(entry(4));
    expect(ring.total).toBe(4 * each);
  });
});

describe('HF-FRM-3: a frame', () => {
  const shown = (body: object) => {
    const { frame } = new FrameRing('s', () => {}).encode(entry(3, JSON.stringify(body)));
    return JSON.parse(frame.toString()) as object;
  };
  const head = { t: 'entry', s: 's', p: '2-7', i: '3-7' };

  it('is the entry with its place', () => {
    const message = { k: 'message', message: { id: 'ü"\\', role: 'user', parts: [] }, at: 1 };
    expect(shown(message)).toEqual({ ...head, d: message });
  });

  it('is without what a step gave, and what a queued send keeps to itself', () => {
    const step = { k: 'step', run: 'r', name: 'n', at: 1 };
    expect(shown({ ...step, result: 'secret' })).toEqual({ ...head, d: step });
    const add = { id: 'c', messages: [], at: 1 };
    const queue = { k: 'queue', order: ['c'], add, at: 1 };
    expect(shown({ ...queue, add: { ...add, hidden: 'secret' } })).toEqual({ ...head, d: queue });
    const plain = { k: 'queue', order: [], at: 1 };
    expect(shown(plain)).toEqual({ ...head, d: plain });
  });

  it('HF-SUB-11: has chunks as they are for who is live, and is looked at for who asks from a position', () => {
    const skipped: string[] = [];
    const ring = new FrameRing('s', (id) => skipped.push(id));
    const broken = '{"k":"chunks","run":"r","c":[{"type":';
    ring.push(entry(1, broken));
    expect(ring.after('0-0', '1-7')?.[0]?.frame.toString()).toContain(broken);
    expect(skipped).toEqual([]);
    expect(ring.encode(entry(1, broken), true).frame.toString()).toContain('"unreadable"');
    ring.push(entry(2, '{"k":"message"}'));
    expect(ring.after('1-7', '2-7')?.[0]?.frame.toString()).toContain('"unreadable"');
    expect(skipped).toEqual(['1-7', '2-7']);
  });
});

it('HF-FRM-3: a body stays as it was written, also where clients are not told all of it', () => {
  const ring = new FrameRing('s', () => {});
  const bodies = [
    '{ "k":"future", "x":"ü\\u0000€𝄞" }',
    '{"k":"chunks","run":"r","attempt":1,"c":[{"type":"text-delta","id":"t","delta":"ü€𝄞"}]}',
    '{"k":"step","run":"r","name":"n","result":"secret","at":1}',
    'nothing that can be read',
  ];
  for (const [at, body] of bodies.entries()) ring.push(entry(at + 1, body));
  const frames = ring.after(idOf(0), idOf(bodies.length));
  expect(frames?.map(({ body }) => body)).toEqual(bodies);
  expect(frames?.map(({ prev, id }) => [prev, id])).toEqual(
    bodies.map((_, at) => [idOf(at), idOf(at + 1)]),
  );
});
