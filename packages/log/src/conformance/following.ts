import type { Position } from '@holdfast/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { StoredEntry } from '../contract/entries.ts';
import type { SessionLog } from '../contract/session-log.ts';
import type { FeedListener, SessionFeed } from '../feed/contract.ts';
import { createFeeds } from '../feed/feeds.ts';
import { entry, newSession, readAll, sendOf, startRun, type Topic } from './kit.ts';

/** A follower that keeps what it was told: ids, resets and deletions in their order. */
class Follower implements FeedListener {
  readonly told: string[] = [];
  readonly entriesTold: StoredEntry[] = [];

  entries(entries: readonly StoredEntry[]): void {
    this.entriesTold.push(...entries);
    this.told.push(...entries.map(({ id }) => id));
  }

  reset(why: string): void {
    this.told.push(`reset ${why}`);
  }

  deleted(): void {
    this.told.push('deleted');
  }

  signal(text: string): void {
    this.told.push(`signal ${text}`);
  }
}

async function follow(
  log: SessionLog,
  session: string,
): Promise<{
  readonly feed: SessionFeed;
  readonly follower: Follower;
  /** Where the feed stood when it was first listened to. */
  readonly from: Position;
}> {
  const feeds = createFeeds(log, { limits: { pollMs: 50 } });
  onTestFinished(() => feeds.close());
  const { feed } = await feeds.acquire(session);
  const follower = new Follower();
  feed.listen(follower);
  return { feed, follower, from: feed.position };
}

export function following({ make }: Topic): void {
  it('HF-LOG-13: a follower gets every entry behind its position once and in order', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    await append(1);
    const { feed, follower, from } = await follow(log, session);
    for (let seq = 2; seq <= 300; seq++)
      await append(seq, { entry: entry(seq % 50 === 0 ? 'x'.repeat(20_000) : `chunk ${seq}`) });
    await vi.waitFor(() => expect(follower.told).toHaveLength(299));
    const all = await readAll(log, session);
    expect(follower.entriesTold).toEqual(all.slice(3));
    expect(from.id).toBe(all[2]?.id);
    expect(feed.position).toEqual({ ...from, id: all.at(-1)?.id });
  });

  it('T6: a follower that joins while entries arrive misses none behind its position', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    let seq = 0;
    let writing = true;
    const writer = (async () => {
      while (writing || seq < 200) {
        seq += 1;
        await append(seq);
      }
    })();
    const followers = [];
    for (let count = 0; count < 10; count++) followers.push(await follow(log, session));
    writing = false;
    await writer;
    const ids = (await readAll(log, session)).map(({ id }) => id);
    for (const { from, follower } of followers)
      await vi.waitFor(() => expect(follower.told).toEqual(ids.slice(ids.indexOf(from.id) + 1)));
  });

  it('a session can be followed before it exists, and its birth is no reset', async () => {
    const log = await make();
    const session = newSession();
    const { feed, follower } = await follow(log, session);
    expect(feed.position).toEqual({ epoch: '', id: '0-0' });
    await log.send(session, sendOf('c1', 'r1'));
    const all = await readAll(log, session);
    await vi.waitFor(() => expect(follower.told).toEqual(all.map(({ id }) => id)));
    const head = await log.head(session);
    expect(feed.position).toEqual({ epoch: head?.epoch, id: head?.top });
  });

  it('HF-LOG-32: a follower is told of a deletion, and goes on with a session made anew', async () => {
    const log = await make();
    const { session } = await startRun(log);
    const { feed, follower } = await follow(log, session);
    await log.delete(session);
    await vi.waitFor(() => expect(follower.told).toEqual(['deleted']));
    expect(feed.position).toEqual({ epoch: '', id: '0-0' });
    await log.send(session, sendOf('c1', 'r2'));
    const all = await readAll(log, session);
    await vi.waitFor(() => expect(follower.told).toEqual(['deleted', ...all.map(({ id }) => id)]));
  });

  it('HF-LOG-15: a follower hears signals between entries, and they move it nowhere', async () => {
    const log = await make();
    const { session, append } = await startRun(log);
    const { feed, follower } = await follow(log, session);
    const { position } = feed;
    await log.signal(session, 'one');
    await expect.poll(() => follower.told).toEqual(['signal one']);
    expect(feed.position).toEqual(position);
    await append(1);
    const ids = (await readAll(log, session)).slice(2).map(({ id }) => id);
    // A feed that reads the log for an entry hears a signal behind it before that is read.
    await expect.poll(() => follower.told).toEqual(['signal one', ...ids]);
    await log.signal(session, 'two');
    await expect.poll(() => follower.told).toEqual(['signal one', ...ids, 'signal two']);
  });
}
