import { getEventListeners } from 'node:events';
import type { SessionLog } from '@holdfast/log';
import { origin } from '@holdfast/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { type Behind, type Delivered, LogCursor } from '../../src/session/cursor.ts';
import { hasChunks, kindOf } from '../../src/session/kind-of.ts';
import { LosingLog } from '../support/failover.ts';
import { changed } from '../support/logs.ts';
import { userMessage } from '../support/server.ts';

const session = 's';

/** A session that is followed, and how often its log was read. */
async function followed() {
  const losing = new LosingLog();
  let reads = 0;
  const log = changed(losing.log, {
    read: (...given) => {
      reads++;
      return losing.log.read(...given);
    },
  });
  let nonce = 0;
  const write = async (...ids: readonly string[]) => {
    for (const id of ids) {
      const body = JSON.stringify({ k: 'message', message: userMessage(id, id), at: 0 });
      await log.send(session, { command: id, entries: [{ nonce: ++nonce, body }] });
    }
  };
  await write('first');
  const core = createCore({ log, authorize: () => ({ id: 'u' }), onError: () => {} });
  onTestFinished(() => core.close());
  const { hub } = await core.hubs.acquire(session);
  const delivered = async () => {
    const top = (await losing.log.head(session))?.top;
    await vi.waitFor(() => expect(hub.position.id).toBe(top));
  };
  await delivered();
  return {
    log: losing.log as SessionLog,
    losing,
    hub,
    write,
    delivered,
    get reads() {
      return reads;
    },
  };
}

const idsOf = (behind: Behind | undefined) =>
  behind?.kind === 'entries'
    ? behind.entries.map(({ body }) => JSON.parse(body).message.id)
    : behind?.kind;

describe('a cursor', () => {
  it('gives what was delivered behind it without a read, and again until it is passed', async () => {
    const made = await followed();
    const cursor = made.hub.cursor();
    await made.write('a', 'b');
    await made.delivered();
    const before = made.reads;
    expect(idsOf(await cursor.next())).toEqual(['a', 'b']);
    expect(idsOf(await cursor.next())).toEqual(['a', 'b']);
    cursor.pass(cursor.delivered?.[0]?.id ?? '');
    expect(idsOf(await cursor.next())).toEqual(['b']);
    expect(made.reads).toBe(before);
  });

  it('reads from the log what is further back than what was delivered', async () => {
    const made = await followed();
    const { epoch } = made.hub.position;
    const cursor = made.hub.cursor({ epoch, id: origin });
    expect(cursor.delivered).toBeNull();
    expect(idsOf(await cursor.next())).toEqual(['first']);
  });

  it('gives a page at a time', async () => {
    const made = await followed();
    const cursor = made.hub.cursor();
    await made.write(...Array.from({ length: 201 }, (_, at) => `m${at}`));
    await made.delivered();
    expect(idsOf(await cursor.next())).toHaveLength(200);
  });

  it('asks the log where nothing was delivered: it may have more', async () => {
    const made = await followed();
    const cursor = made.hub.cursor();
    const before = made.reads;
    expect(idsOf(await cursor.next())).toEqual([]);
    expect(made.reads).toBe(before + 1);
  });

  it('says how much was delivered behind it', async () => {
    const made = await followed();
    const cursor = made.hub.cursor();
    expect(cursor.lag).toBe(0);
    await made.write('a', 'b');
    await made.delivered();
    const [first, second] = cursor.delivered ?? [];
    expect(cursor.lag).toBe((first?.frame.length ?? 0) + (second?.frame.length ?? 0));
    cursor.pass(first?.id ?? '', first?.frame.length);
    expect(cursor.lag).toBe(second?.frame.length);
    cursor.pass(second?.id ?? '');
    expect(cursor.lag).toBe(second?.frame.length);
    cursor.caughtUp();
    expect(cursor.lag).toBe(0);
  });

  it('F7: asks the log where it is in front of what was delivered, or in another session of that name', async () => {
    const made = await followed();
    const { epoch, id } = made.hub.position;
    expect(made.hub.cursor({ epoch, id: '9-9' }).delivered).toBeNull();
    expect(made.hub.cursor({ epoch: 'other', id }).delivered).toBeNull();
    expect(made.hub.cursor({ epoch: 'other', id: '1-1' }).delivered).toBeNull();
    expect(await made.hub.cursor({ epoch: 'other', id: '1-1' }).next()).toMatchObject({
      kind: 'reset',
      why: 'epoch',
    });
  });
});

describe('who follows by a cursor', () => {
  /** Takes what comes, and passes it. */
  async function following(made: Awaited<ReturnType<typeof followed>>) {
    const stop = new AbortController();
    const cursor = made.hub.cursor();
    const got: unknown[] = [];
    const done = (async () => {
      for await (const behind of cursor.follow(stop.signal)) {
        got.push(idsOf(behind));
        if (behind.kind === 'missing') return;
        if (behind.kind === 'reset') cursor.moveTo({ epoch: behind.epoch, id: behind.top });
        else for (const { id } of behind.entries) cursor.pass(id);
      }
    })();
    return { got, done, stop };
  }

  it('is given what comes as it comes, and the log is not read for it', async () => {
    const made = await followed();
    const before = made.reads;
    const { got, done, stop } = await following(made);
    await made.write('a');
    await vi.waitFor(() => expect(got).toEqual([['a']]));
    await made.write('b');
    await vi.waitFor(() => expect(got).toEqual([['a'], ['b']]));
    expect(made.reads).toBe(before);
    stop.abort();
    await done;
  });

  it('is told when the session is deleted', async () => {
    const made = await followed();
    const { got, done } = await following(made);
    await made.log.delete(session);
    await done;
    expect(got).toEqual(['missing']);
  });

  it('F7: is told when the log has lost what was delivered', async () => {
    const made = await followed();
    const back = made.losing.replica(session);
    const { got, done, stop } = await following(made);
    await made.write('lost');
    await vi.waitFor(() => expect(got).toEqual([['lost']]));
    back();
    await made.write('other');
    await vi.waitFor(() => expect(got).toContain('reset'));
    await made.delivered();
    await made.write('known');
    await vi.waitFor(() => expect(got.flat()).toContain('known'));
    // What was unsure is known then: what comes is not read again.
    const before = made.reads;
    await made.write('later');
    await vi.waitFor(() => expect(got.at(-1)).toEqual(['later']));
    expect(made.reads).toBe(before);
    stop.abort();
    await done;
  });

  it('is not told of anything behind its end, and holds nothing', async () => {
    const made = await followed();
    let listening = 0;
    const { hub } = made;
    const delivered: Delivered = {
      session,
      bytes: 0,
      position: hub.position,
      framesAfter: (id) => hub.framesAfter(id),
      listen: (listener) => {
        listening++;
        const stop = hub.listen(listener);
        return () => {
          listening--;
          stop();
        };
      },
    };
    const { signal } = new AbortController();
    for (const end of ['return', 'throw'] as const) {
      const at = { epoch: hub.position.epoch, id: origin };
      const follower = new LogCursor(delivered, made.log, at).follow(signal);
      expect(idsOf((await follower.next()).value)).toEqual(['first']);
      expect([listening, getEventListeners(signal, 'abort').length]).toEqual([1, 1]);
      await follower[end](undefined).catch(() => {});
      expect([listening, getEventListeners(signal, 'abort').length]).toEqual([0, 0]);
    }
  });

  it('ends when it is aborted, whatever it waits for', async () => {
    const made = await followed();
    const { done, stop, got } = await following(made);
    stop.abort();
    await done;
    expect(got).toEqual([]);
    const late = await following(made);
    late.stop.abort();
    await late.done;
  });
});

describe('the kind of an entry', () => {
  it('is told by its first bytes, as servers write it', () => {
    expect(kindOf('{"k":"run-start","run":"r"}')).toBe('run-start');
    expect(kindOf('{"k":"chunks"}')).toBe('chunks');
  });

  it.each(['', '{', '{"k":', '{"k":"open', '{ "k":"step"}', '{"run":"r","k":"step"}', 'no JSON'])(
    'is not told of %j',
    (body) => {
      expect(kindOf(body)).toBeNull();
    },
  );

  it('is chunks only where those of a run follow', () => {
    expect(hasChunks('{"k":"chunks","run":"r","attempt":1,"c":[]}')).toBe(true);
    expect(hasChunks('{"k":"chunks","run":1}')).toBe(false);
    expect(hasChunks('{"k":"step","run":"r"}')).toBe(false);
  });
});
