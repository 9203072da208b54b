import { expect, it } from 'vitest';
import type { Delivery } from '../session-log.ts';
import { into, newSession, startRun, type Topic } from './kit.ts';

export function noticing({ make }: Topic): void {
  it('HF-LOG-15: a signal reaches who is subscribed, in the order of the entries, and is not kept', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const heard: Delivery[] = [];
    const other: Delivery[] = [];
    const ends = [
      await log.subscribe(session, into(heard)),
      await log.subscribe(newSession(), into(other)),
    ];
    const before = await log.head(session);
    await log.signal(session, 'one {"x":1}');
    await log.signal(session, '');
    expect(await log.head(session)).toEqual(before);
    await append(1);
    await log.signal(session, 'ü'.repeat(10));
    const words = () => heard.map((each) => ('text' in each ? each.text : each.kind));
    await expect.poll(words).toEqual(['one {"x":1}', '', 'entry', 'üüüüüüüüüü']);
    expect(other).toEqual([]);
    for (const end of ends) end();
  });

  it('HF-LOG-15: a signal to a session that does not exist makes none, and a large one is refused', async () => {
    const log = await make();
    const session = newSession();
    await log.signal(session, 'hello');
    expect(await log.head(session)).toBeNull();
    await expect(log.signal(session, 'x'.repeat(20_000))).rejects.toMatchObject({
      code: 'too_large',
    });
  });

  it('HF-LOG-16: a reminder comes once its time has come, to one asker at a time', async () => {
    const log = await make();
    const [soon, late] = [newSession(), newSession()];
    await log.remind(late, 600_000);
    await log.remind(soon, 0);
    const found = await Promise.all([log.due(10, 600_000), log.due(10, 600_000)]);
    expect(found.flat().map(({ session }) => session)).toEqual([soon]);
    expect(await log.due(10, 600_000)).toEqual([]);
  });

  it('HF-LOG-16: a reminder that was claimed and not dismissed comes again', async () => {
    const log = await make();
    const session = newSession();
    await log.remind(session, 0);
    expect(await log.due(10, 0)).toMatchObject([{ session }]);
    const [again] = await log.due(10, 0);
    expect(again).toMatchObject({ session });
    if (again) await log.dismiss(again);
    expect(await log.due(10, 0)).toEqual([]);
  });

  it('HF-LOG-16: a reminder that was set anew is not dismissed by an old claim', async () => {
    const log = await make();
    const session = newSession();
    await log.remind(session, 0);
    const [claimed] = await log.due(10, 600_000);
    await log.remind(session, 0);
    if (claimed) await log.dismiss(claimed);
    expect(await log.due(1, 600_000)).toMatchObject([{ session }]);
  });

  it('HF-LOG-16: reminders come oldest first, as many as are asked for', async () => {
    const log = await make();
    const sessions = Array.from({ length: 5 }, newSession);
    for (const session of sessions) {
      const { promise, resolve } = Promise.withResolvers<void>();
      await log.remind(session, 0);
      // The next one is later by a millisecond.
      setImmediate(() => resolve());
      await promise;
    }
    const first = await log.due(2, 600_000);
    const rest = await log.due(10, 600_000);
    expect(first).toHaveLength(2);
    expect([...first, ...rest].map(({ session }) => session).sort()).toEqual([...sessions].sort());
  });
}
