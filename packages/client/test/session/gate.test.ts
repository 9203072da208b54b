import type { ServerFrame } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import { gated } from '../../src/session/gate.ts';

const d = { k: 'seed', count: 0, at: 0 } as const;
const entry = (i: string): ServerFrame => ({ t: 'entry', s: 's1', p: '', i, d });
const subbed = {
  t: 'subbed',
  s: 's1',
  r: 1,
  epoch: 'E',
  top: '1-1',
  mode: 'replay',
  recovered: true,
} as const;
const microtasks = () => new Promise<void>((resolve) => setImmediate(resolve));

function played() {
  const got: string[] = [];
  const reported: unknown[] = [];
  const waiting: (() => void)[] = [];
  const session: Parameters<typeof gated>[0] = {
    receive: (frame) => {
      got.push(frame.t === 'entry' ? frame.i : frame.t);
      if (frame.t === 'entry' && frame.i === 'bad') throw new Error('bad');
    },
  };
  const receive = gated(session, {
    session: 's1',
    report: (error) => reported.push(error),
    files: {
      settle: async (_, came) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return came;
      },
    },
  });
  const come = (i: string, refers?: boolean) => receive(entry(i), 10, refers);
  return { got, reported, waiting, session, receive, come };
}

test('a frame without references is handed on at once, and one of another session is not', () => {
  const { got, come, receive } = played();
  come('1');
  for (const refers of [false, true])
    receive({ ...entry('x'), s: 's2' } as ServerFrame, 10, refers);
  expect(got).toEqual(['1']);
});

test('HF-FILE-3 behind one that waits all wait, in their order, whichever is settled first', async () => {
  const { got, come, waiting } = played();
  come('1', true);
  come('2');
  come('3', true);
  come('4');
  waiting[1]?.();
  await microtasks();
  expect(got).toEqual([]);
  waiting[0]?.();
  await microtasks();
  expect(got).toEqual(['1', '2', '3', '4']);
  come('5');
  expect(got.at(-1)).toBe('5');
});

test('what waits is dropped with its subscription, and the next one does not wait for it', async () => {
  const { got, come, receive, waiting, session } = played();
  come('1', true);
  come('2');
  receive({ ...subbed, files: 'u=1' }, 10);
  come('3');
  expect(got).toEqual(['subbed', '3']);
  come('4', true);
  for (const wake of waiting) wake();
  await microtasks();
  expect(got).toEqual(['subbed', '3', '4']);
  expect(session.query).toBe('u=1');
});

test('a frame that cannot be taken is told, and those behind it are handed on', async () => {
  const { got, come, reported, waiting } = played();
  come('bad', true);
  come('2');
  waiting[0]?.();
  await microtasks();
  expect(got).toEqual(['bad', '2']);
  expect(reported).toHaveLength(1);
});
