import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits, HoldfastError } from '@holdfast/protocol';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { systemEnvironment } from '../../src/environment.ts';
import { changed } from '../support/logs.ts';
import { userMessage } from '../support/server.ts';

const session = 's';
const tailMs = 10_000;
/** How often the checkpointer looks at the time. */
const tickMs = 1_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
});

/** A process whose time goes on only when it is told to. */
function processOn(log: SessionLog, limits: Partial<typeof defaultLimits> = {}) {
  let now = 0;
  const errors: unknown[] = [];
  const { checkpointer, hubs, close } = createCore(
    {
      log,
      authorize: () => ({ id: 'u' }),
      limits: { ...defaultLimits, tailMs, lingerMs: 0, ...limits },
      onError: (error) => errors.push(error),
    },
    { ...systemEnvironment, now: () => now },
  );
  onTestFinished(close);
  const pass = async (ms: number) => {
    now += ms;
    await vi.advanceTimersByTimeAsync(tickMs);
  };
  return { checkpointer, hubs, errors, pass };
}

let written = 0;
const write = async (log: SessionLog): Promise<string> => {
  const id = `m${++written}`;
  const body = JSON.stringify({ k: 'message', message: userMessage(id, id), at: 0 });
  await log.send(session, { command: id, entries: [{ nonce: written, body }] });
  return (await log.head(session))?.top ?? '';
};
const floorOf = async (log: SessionLog) => (await log.head(session))?.floor;
const checkpointOf = async (log: SessionLog) => (await log.head(session))?.checkpoint;

describe('HF-SUB-10: entries that are stored', () => {
  it('are kept for tailMs, so that readers resume behind them, and then dropped', async () => {
    const log = createMemoryLog();
    const { checkpointer, pass } = processOn(log);
    const top = await write(log);
    await checkpointer.store(session);
    expect(await checkpointOf(log)).toBe(top);
    await pass(0);
    expect(await floorOf(log)).toBe('0-0');
    await pass(tailMs - 1);
    expect(await floorOf(log)).toBe('0-0');
    await pass(1);
    expect(await floorOf(log)).toBe(top);
  });

  it('are dropped each at its own time', async () => {
    const log = createMemoryLog();
    const { checkpointer, pass } = processOn(log);
    const resting = vi.getTimerCount();
    const first = await write(log);
    await checkpointer.store(session);
    await pass(4_000);
    const second = await write(log);
    await checkpointer.store(session);
    await pass(5_999);
    expect(await floorOf(log)).toBe('0-0');
    await pass(1);
    expect(await floorOf(log)).toBe(first);
    await pass(4_000);
    expect(await floorOf(log)).toBe(second);
    // The checkpointer rests, and begins again.
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(resting));
    const third = await write(log);
    await checkpointer.store(session);
    await pass(tailMs);
    expect(await floorOf(log)).toBe(third);
  });

  it('are dropped together when nobody looked for long', async () => {
    const log = createMemoryLog();
    const { checkpointer, pass } = processOn(log);
    await write(log);
    await checkpointer.store(session);
    const second = await write(log);
    await checkpointer.store(session);
    await pass(tailMs);
    expect(await floorOf(log)).toBe(second);
  });

  it('are dropped sooner while there are more than tailBytes of them, the oldest first', async () => {
    const log = createMemoryLog();
    const { checkpointer, pass } = processOn(log, { tailBytes: 250 });
    const ids: string[] = [];
    // Each is an entry of more than 100 bytes, and of less than 125.
    for (const _ of [1, 2, 3, 4]) {
      ids.push(await write(log));
      await checkpointer.store(session);
    }
    await pass(0);
    expect(await floorOf(log)).toBe(ids[1]);
    await pass(0);
    expect(await floorOf(log)).toBe(ids[1]);
    await pass(tailMs);
    expect(await floorOf(log)).toBe(ids[3]);
  });

  it('are those of the session that is there now, not of one before', async () => {
    const log = createMemoryLog();
    const { checkpointer, pass, errors } = processOn(log);
    await write(log);
    await checkpointer.store(session);
    await pass(6_000);
    await log.delete(session);
    const top = await write(log);
    await checkpointer.store(session);
    await pass(4_000);
    expect(await floorOf(log)).toBe('0-0');
    await pass(6_000);
    expect(await floorOf(log)).toBe(top);
    expect(errors).toEqual([]);
  });

  it('are left to another process that has stored since', async () => {
    const log = createMemoryLog();
    const one = processOn(log);
    const two = processOn(log);
    const first = await write(log);
    await one.checkpointer.store(session);
    await write(log);
    await two.checkpointer.store(session);
    await one.pass(tailMs);
    expect(await floorOf(log)).toBe('0-0');
    expect(one.errors).toEqual([]);
    expect(first).not.toBe(await checkpointOf(log));
  });

  it('are not dropped by a process that closes, nor behind that', async () => {
    const log = createMemoryLog();
    const { checkpointer, pass } = processOn(log);
    await write(log);
    await checkpointer.store(session);
    await checkpointer.close();
    await pass(tailMs);
    expect(await floorOf(log)).toBe('0-0');
  });

  it('are tried to be dropped once: a store that is away is told of', async () => {
    const inner = createMemoryLog();
    let isAway = false;
    const fault = new HoldfastError('unavailable', 'unable to reach the log: cut');
    const log = changed(inner, {
      checkpoint: async (...given) => {
        if (isAway) throw fault;
        return await inner.checkpoint(...given);
      },
    });
    const { checkpointer, pass, errors } = processOn(log);
    await write(log);
    await checkpointer.store(session);
    isAway = true;
    await pass(tailMs);
    await vi.waitFor(() => expect(errors).toMatchObject([{ code: 'unavailable' }]));
    await pass(tailMs);
    expect(errors).toHaveLength(1);
  });
});

describe('HF-LOG-18: what runs write is stored', () => {
  it('whenever it amounts to checkpointBytes, counted from the last time', async () => {
    const log = createMemoryLog();
    const { checkpointer } = processOn(log, { checkpointBytes: 100 });
    const store = vi.spyOn(checkpointer, 'store');
    checkpointer.wrote(session, 60);
    checkpointer.wrote('another', 39);
    checkpointer.wrote('another', 60);
    expect(store).not.toHaveBeenCalled();
    checkpointer.wrote(session, 40);
    expect(store.mock.calls).toEqual([[session]]);
    checkpointer.wrote(session, 60);
    checkpointer.wrote('another', 1);
    expect(store.mock.calls).toEqual([[session], ['another']]);
    // A run's end stores too.
    await checkpointer.store(session);
    checkpointer.wrote(session, 60);
    expect(store).toHaveBeenCalledTimes(3);
  });

  it('again when another process was first, but not for ever', async () => {
    const inner = createMemoryLog();
    let stale = 0;
    let asked = 0;
    const log = changed(inner, {
      checkpoint: async (...given) => {
        asked++;
        return stale-- > 0 ? 'stale' : await inner.checkpoint(...given);
      },
    });
    const { checkpointer, errors } = processOn(log);
    const top = await write(log);
    stale = 2;
    await checkpointer.store(session);
    expect(asked).toBe(3);
    expect(await checkpointOf(log)).toBe(top);
    await write(log);
    stale = 9;
    asked = 0;
    await checkpointer.store(session);
    expect(asked).toBe(3);
    expect(await checkpointOf(log)).toBe(top);
    expect(errors).toEqual([]);
  });

  it('one after another for a session, and closing waits for all of it', async () => {
    const inner = createMemoryLog();
    let storing = 0;
    let most = 0;
    const log = changed(inner, {
      checkpoint: async (...given) => {
        most = Math.max(most, ++storing);
        await new Promise(setImmediate);
        storing--;
        return await inner.checkpoint(...given);
      },
    });
    const { checkpointer } = processOn(log);
    await write(log);
    void checkpointer.store(session);
    const top = await write(log);
    void checkpointer.store(session);
    await checkpointer.close();
    expect(storing).toBe(0);
    expect(most).toBe(1);
    expect(await checkpointOf(log)).toBe(top);
  });

  it('never rejects: what fails is told of, leaves nothing held, and hinders nothing', async () => {
    const inner = createMemoryLog();
    const fault = new HoldfastError('unavailable', 'unable to reach the log: cut');
    let isAway = true;
    const log = changed(inner, {
      open: async (...given) => {
        if (isAway) throw fault;
        return await inner.open(...given);
      },
    });
    const { checkpointer, hubs, errors } = processOn(log);
    const top = await write(log);
    await checkpointer.store(session);
    expect(errors).toMatchObject([{ code: 'unavailable' }]);
    isAway = false;
    await checkpointer.store(session);
    expect(await checkpointOf(log)).toBe(top);
    await vi.waitFor(() => expect(hubs.size).toBe(0));
  });
});
