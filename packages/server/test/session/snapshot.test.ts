import { createMemoryLog } from '@holdfast/log';
import { describe, expect, it } from 'vitest';
import { emptySnapshot, type SessionSnapshot } from '../../src/session/snapshot.ts';
import { processOn, session } from '../support/hub.ts';
import { body, message, names, write } from '../support/viewed.ts';

const starts = (run: string, messageId = `of ${run}`) =>
  body({ k: 'run-start', run, attempt: 1, agent: 'a', messageId });
const ends = (run: string) => body({ k: 'run-end', run, attempt: 1, outcome: 'finished' });
const chunks = (run: string, ...c: readonly object[]) =>
  body({ k: 'chunks', run, attempt: 1, c: [{ type: 'start' }, ...c] });
const says = (run: string) =>
  chunks(
    run,
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Hi' },
    { type: 'text-end', id: 't' },
  );
const calls = (run: string) =>
  chunks(run, { type: 'tool-input-available', toolCallId: 'c', toolName: 't', input: {} });

async function snapshotOf(...bodies: readonly string[]): Promise<SessionSnapshot> {
  const log = createMemoryLog();
  await write(log, ...bodies);
  const { hub } = await processOn(log, { pageMessages: 3 }).hubs.acquire(session);
  return await hub.snapshot();
}

const kindsOf = ({ items }: SessionSnapshot) =>
  items.map((item) => [item.id, 'message' in item ? 'message' : 'segments']);

describe('of an answer a snapshot has', () => {
  it.each([
    {
      what: 'what was written, where it is the last message, however long it is over',
      bodies: [message('m0'), starts('r'), says('r'), ends('r')],
      items: [
        ['m0', 'message'],
        ['of r', 'segments'],
      ],
    },
    {
      what: 'the message, where another one is behind it and nothing is open in it',
      bodies: [message('m0'), starts('r'), says('r'), ends('r'), message('m1')],
      items: [
        ['m0', 'message'],
        ['of r', 'message'],
        ['m1', 'message'],
      ],
    },
    {
      what: 'what was written, where a call is open in it',
      bodies: [message('m0'), starts('r'), calls('r'), ends('r'), message('m1')],
      items: [
        ['m0', 'message'],
        ['of r', 'segments'],
        ['m1', 'message'],
      ],
    },
    {
      what: 'its place, where it has begun and says nothing yet',
      bodies: [message('m0'), starts('r')],
      items: [
        ['m0', 'message'],
        ['of r', 'segments'],
      ],
    },
    {
      what: 'nothing, where it has ended without a word',
      bodies: [message('m0'), starts('r'), ends('r')],
      items: [['m0', 'message']],
    },
    {
      what: 'nothing, where it has ended without a word and another message is behind it',
      bodies: [starts('r'), ends('r'), message('m0')],
      items: [['m0', 'message']],
    },
  ])('$what', async ({ bodies, items }) => {
    expect(kindsOf(await snapshotOf(...bodies))).toEqual(items);
  });
});

it('a snapshot has the runs that are live, and those of the last message', async () => {
  const over = [starts('r1'), says('r1'), ends('r1')];
  const live = [starts('r2'), says('r2'), message('m1')];
  const last = [starts('r3'), says('r3'), ends('r3')];
  const runsOf = async (...bodies: readonly string[]) =>
    (await snapshotOf(message('m0'), ...bodies)).runs.map(({ run }) => run);
  expect(await runsOf(...over)).toEqual(['r1']);
  expect(await runsOf(...over, ...live)).toEqual(['r2']);
  expect(await runsOf(...over, ...live, ...last)).toEqual(['r2', 'r3']);
});

it('a snapshot has the newest page, and a cursor of what is older where there is more', async () => {
  const { items, before } = await snapshotOf(...names(3).map(message));
  expect([items.map(({ id }) => id), before]).toEqual([names(3), null]);
  const log = createMemoryLog();
  await write(log, ...names(10).map(message));
  const other = await processOn(log, { pageMessages: 3 }).hubs.acquire(session);
  await other.hub.checkpoint();
  const { hub } = await processOn(log, { pageMessages: 3 }).hubs.acquire(session);
  // What is held reaches further back than a page.
  await hub.message('m2');
  const page = await hub.snapshot();
  expect(page.items.map(({ id }) => id)).toEqual(['m7', 'm8', 'm9']);
  expect(page.before).toMatch(/:7-/);
});

it('of a session into which nothing was written a snapshot has nothing', async () => {
  const log = createMemoryLog();
  const { hub } = await processOn(log).hubs.acquire(session);
  const empty = emptySnapshot({ epoch: '', id: '0-0' }, { who: [], count: 0 });
  expect(await hub.snapshot()).toEqual(empty);
});
