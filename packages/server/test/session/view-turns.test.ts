import { createMemoryLog } from '@holdfast/log';
import { expect, it } from 'vitest';
import { SessionView } from '../../src/session/view.ts';
import { ViewTurns } from '../../src/session/view-turns.ts';
import { limits, message, session, shownBy, write } from '../support/viewed.ts';

function turns() {
  const log = createMemoryLog();
  const made: SessionView[] = [];
  const newView = () => {
    made.push(new SessionView(session, log, limits));
    return made.at(-1) as SessionView;
  };
  return { log, made, turns: new ViewTurns({ newView }) };
}

/** Lets what is ready to run do so. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const readOn = async (view: SessionView): Promise<SessionView> => {
  await view.readOn();
  return view;
};

it('a view that knows nothing is kept for its turns, and not behind them', async () => {
  const { turns: of, made } = turns();
  const first = of.take(async (view) => {
    await settled();
    return view;
  });
  const second = of.take(readOn);
  expect(await second).toBe(await first);
  await settled();
  expect(of.isBegun).toBe(false);
  expect(await of.take(readOn)).not.toBe(await first);
  expect(made).toHaveLength(2);
});

it('one that knows the session is kept, until what it knows is not in the log any more', async () => {
  const { log, turns: of, made } = turns();
  await write(log, message('m0'));
  await of.take(readOn);
  await settled();
  expect(of.isBegun).toBe(true);
  expect(await of.take((view) => shownBy(view))).toEqual(['m0']);
  expect(made).toHaveLength(1);
  of.forget();
  await settled();
  expect(of.isBegun).toBe(false);
  expect(await of.take(async (view) => shownBy(await readOn(view)))).toEqual(['m0']);
  expect(made).toHaveLength(2);
});

it('one for which somebody waits is kept', async () => {
  const { turns: of, made } = turns();
  of.view.awaited.await('run');
  await of.take(readOn);
  await settled();
  await of.take(async (view) => view.awaited.drop('run'));
  await settled();
  await of.take(readOn);
  expect(made).toHaveLength(2);
});

it('turns go one after another, also behind one that fails', async () => {
  const { turns: of } = turns();
  const seen: string[] = [];
  const take = (name: string, error?: Error) =>
    of.take(async () => {
      seen.push(`${name} begins`);
      await settled();
      seen.push(`${name} ends`);
      if (error) throw error;
    });
  const error = new Error('no');
  const all = await Promise.allSettled([take('a'), take('b', error), take('c')]);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(all[1]).toMatchObject({ reason: error });
  expect(seen).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

it('there is nothing to forget where there is no view', async () => {
  const { turns: of, made } = turns();
  of.forget();
  await settled();
  expect(made).toHaveLength(0);
});
