import { expect, it } from 'vitest';
import type { Delivery } from '../contract/deliveries.ts';
import { headOf, into, newSession, startRun, type Topic } from './kit.ts';

export function noticing(topic: Topic): void {
  signalling(topic);
  reminding(topic);
}

function signalling({ make }: Topic): void {
  it('HF-LOG-15: a signal reaches who is subscribed, in the order of the entries, and is not kept', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const heard: Delivery[] = [];
    const other: Delivery[] = [];
    const ends = [
      await log.subscribe(session, into(heard)),
      await log.subscribe(newSession(), into(other)),
    ];
    const before = await headOf(log, session);
    await log.signal(session, 'one {"x":1}');
    await log.signal(session, '');
    expect(await headOf(log, session)).toEqual(before);
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
    expect(await headOf(log, session)).toBeNull();
    await expect(log.signal(session, 'x'.repeat(20_000))).rejects.toMatchObject({
      code: 'too_large',
    });
  });
}

function reminding({ make }: Topic): void {
  it('HF-LOG-27: a reminder comes once its time has come, to one asker at a time', async () => {
    const log = await make();
    const [soon, late] = [newSession(), newSession()];
    await log.remind('hooks', late, 600_000);
    await log.remind('hooks', soon, 0);
    const found = await Promise.all([log.due('hooks', 10, 600_000), log.due('hooks', 10, 600_000)]);
    expect(found.flat().map(({ session }) => session)).toEqual([soon]);
    expect(await log.due('hooks', 10, 600_000)).toEqual([]);
  });

  it('HF-LOG-27: a reminder that was claimed and not dismissed comes again', async () => {
    const log = await make();
    const session = newSession();
    await log.remind('hooks', session, 0);
    expect(await log.due('hooks', 10, 0)).toMatchObject([{ session }]);
    const [again] = await log.due('hooks', 10, 0);
    expect(again).toMatchObject({ session });
    if (again) await log.dismiss(again);
    expect(await log.due('hooks', 10, 0)).toEqual([]);
  });

  it('HF-LOG-27: a reminder that was set anew is not dismissed by an old claim', async () => {
    const log = await make();
    const session = newSession();
    await log.remind('hooks', session, 0);
    const [claimed] = await log.due('hooks', 10, 600_000);
    await log.remind('hooks', session, 0);
    if (claimed) await log.dismiss(claimed);
    expect(await log.due('hooks', 1, 600_000)).toMatchObject([{ session }]);
  });

  it('HF-LOG-27: a reminder that is set anew in the moment of a claim is not lost with it', async () => {
    const log = await make();
    const session = newSession();
    // More than one round, to meet both in the same millisecond.
    for (let round = 0; round < 20; round++) {
      await log.remind('hooks', session, -1);
      const [claimed] = await log.due('hooks', 1, 0);
      await log.remind('hooks', session, 0);
      expect(claimed).toMatchObject({ session });
      if (claimed) await log.dismiss(claimed);
      expect(await log.due('hooks', 1, 0)).toMatchObject([{ session }]);
    }
  });

  it('HF-LOG-27: reminders come oldest first, as many as are asked for', async () => {
    const log = await make();
    const [old, older, oldest] = [newSession(), newSession(), newSession()];
    await log.remind('hooks', older, -20_000);
    await log.remind('hooks', oldest, -30_000);
    await log.remind('hooks', old, -10_000);
    const sessions = async (limit: number) =>
      (await log.due('hooks', limit, 600_000)).map(({ session }) => session);
    expect(await sessions(2)).toEqual([oldest, older]);
    expect(await sessions(2)).toEqual([old]);
  });

  it('HF-LOG-27: topics have reminders of their own', async () => {
    const log = await make();
    const session = newSession();
    await log.remind('hooks', session, 0);
    await log.remind('queue', session, 0);
    const [hooks] = await log.due('hooks', 10, 600_000);
    expect(hooks).toMatchObject({ topic: 'hooks', session });
    if (hooks) await log.dismiss(hooks);
    expect(await log.due('queue', 10, 600_000)).toMatchObject([{ topic: 'queue', session }]);
  });
}
