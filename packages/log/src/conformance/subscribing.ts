import { expect, it, vi } from 'vitest';
import type { Delivery } from '../contract/deliveries.ts';
import {
  cancelCommand,
  cancelRun,
  collect,
  entry,
  into,
  newSession,
  readAll,
  sendOf,
  startRun,
  type Topic,
} from './kit.ts';

export function subscribing(topic: Topic): void {
  deliveringEntries(topic);
  servingListeners(topic);
}

function deliveringEntries({ make }: Topic): void {
  it('HF-LOG-13: every entry is delivered in order with its predecessor, whatever wrote it', async () => {
    const log = await make();
    const session = newSession();
    const deliveries = await collect(log, session);
    await log.send(session, sendOf('c1', 'r1'));
    await log.append(session, { run: 'r1', attempt: 1, seq: 1, entry: entry('a b  c ') });
    await log.append(session, { run: 'r1', attempt: 1, seq: 2, entry: entry('') });
    await cancelRun(log, session, 'r1');
    await cancelCommand(log, session, 'c2');
    await log.send(session, sendOf('c2', 'r2'));
    await log.append(session, {
      run: 'r1',
      attempt: 1,
      seq: 3,
      entry: entry('end'),
      end: { outcome: 'stopped' },
    });
    const epoch = (await log.head(session))?.epoch;
    const entries = await readAll(log, session);
    expect(entries).toHaveLength(9);
    await vi.waitFor(() => expect(deliveries).toHaveLength(9));
    expect(deliveries).toEqual(entries.map((stored) => ({ kind: 'entry', epoch, ...stored })));
  });

  it('HF-LOG-13: writes that change nothing deliver nothing', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await append(1);
    const deliveries = await collect(log, session);
    await append(1);
    await append(3);
    await log.send(session, sendOf('c1', 'r1'));
    await append(2);
    await vi.waitFor(() => expect(deliveries).toHaveLength(1));
    expect(deliveries).toMatchObject([{ kind: 'entry', body: 'chunk 2' }]);
  });

  it('a large body may be left out of the delivery, but never its ids', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const deliveries = await collect(log, session);
    const body = 'x'.repeat(100_000);
    await append(1, { entry: entry(body) });
    await append(2);
    const [, second, third, fourth] = await readAll(log, session);
    await vi.waitFor(() => expect(deliveries).toHaveLength(2));
    expect(deliveries).toMatchObject([
      { kind: 'entry', prev: second?.id, id: third?.id },
      { kind: 'entry', prev: third?.id, id: fourth?.id },
    ]);
    const [first] = deliveries;
    expect(first?.kind === 'entry' && (first.body ?? body)).toBe(body);
  });
}

function servingListeners({ make }: Topic): void {
  it('all listeners of a session get its deliveries, and only those', async () => {
    const log = await make();
    const one = await startRun(log);
    const other = await startRun(log);
    const lists = [
      await collect(log, one.session),
      await collect(log, one.session),
      await collect(log, other.session),
    ];
    await one.append(1);
    await other.append(1, { end: 'finished' });
    await vi.waitFor(() => expect(lists.map((list) => list.length)).toEqual([1, 1, 1]));
    expect(lists[0]).toEqual(lists[1]);
    expect(lists[0]).not.toEqual(lists[2]);
  });

  it('a listener that unsubscribed is not called again, and the others are', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const gone: Delivery[] = [];
    const unsubscribe = await log.subscribe(session, into(gone));
    const kept = await collect(log, session);
    unsubscribe();
    unsubscribe();
    await append(1);
    await vi.waitFor(() => expect(kept).toHaveLength(1));
    expect(gone).toEqual([]);
  });

  it('a subscription made while another one ends stands', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    for (let round = 1; round <= 20; round++) {
      const first = await log.subscribe(session, () => {});
      const deliveries: Delivery[] = [];
      const second = log.subscribe(session, into(deliveries));
      first();
      const unsubscribe = await second;
      await append(round);
      await vi.waitFor(() => expect(deliveries).toHaveLength(1));
      unsubscribe();
    }
  });

  it('everything is unavailable once the log is closed', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await log.subscribe(session, () => {});
    await log.close();
    const unavailable = { code: 'unavailable' };
    await expect(log.ready()).rejects.toMatchObject(unavailable);
    await expect(append(1)).rejects.toMatchObject(unavailable);
    await expect(log.head(session)).rejects.toMatchObject(unavailable);
    await expect(log.subscribe(session, () => {})).rejects.toMatchObject(unavailable);
    await log.close();
  });
}
