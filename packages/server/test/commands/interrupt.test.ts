import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits, HoldfastError } from '@holdfast/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { handOffByServer } from '../../src/commands/handoff.ts';
import { interruptRuns } from '../../src/commands/send/while-busy.ts';
import { createCore } from '../../src/compose.ts';
import { systemEnvironment } from '../../src/environment.ts';
import { expireApprovals } from '../../src/upkeep/expire.ts';
import { changed } from '../support/logs.ts';
import { userMessage } from '../support/server.ts';

const session = 's';
const participant = { id: 'u' };
let nonce = 0;
const note = (entry: object) => ({ nonce: ++nonce, body: JSON.stringify({ at: 0, ...entry }) });

const begin = (log: SessionLog, run: string) =>
  log.send(session, {
    command: `c-${run}`,
    entries: [
      note({
        k: 'run-start',
        run,
        attempt: 1,
        agent: 'agent',
        messageId: `m-${run}`,
        command: `c-${run}`,
      }),
    ],
    run: { run, info: '{}', leaseMs: 60_000, stopped: note({}) },
  });
const append = (log: SessionLog, run: string, seq: number, c: readonly object[]) =>
  log.append(session, {
    run,
    attempt: 1,
    seq,
    entry: note({ k: 'chunks', run, attempt: 1, c }),
  });
const end = (log: SessionLog, run: string, seq = 1, outcome: 'stopped' | 'finished' = 'stopped') =>
  log.append(session, {
    run,
    attempt: 1,
    seq,
    entry: note({ k: 'run-end', run, attempt: 1, outcome, messageId: `m-${run}` }),
    end: { outcome },
  });

function processOn(log: SessionLog, wait?: (ms: number) => Promise<void>) {
  let now = 0;
  const core = createCore(
    {
      log,
      authorize: () => participant,
      onError: () => {},
      limits: { ...defaultLimits, lingerMs: 0 },
    },
    {
      ...systemEnvironment,
      now: () => now,
      ...(wait && {
        wait: async (ms: number) => {
          now += ms;
          await wait(ms);
        },
      }),
    },
  );
  onTestFinished(() => core.close());
  return core;
}

describe('HF-HTTP-21: interrupting', () => {
  it('stops all that is live, and waits until it is not', async () => {
    const log = createMemoryLog();
    await begin(log, 'a');
    await begin(log, 'b');
    const core = processOn(log);
    const { hub } = await core.hubs.acquire(session);
    let isDone = false;
    const done = interruptRuns(core, hub, participant).then((ids) => {
      isDone = true;
      return ids;
    });
    const isCancelled = async () => (await log.head(session))?.runs.every((run) => run.cancelled);
    while (!(await isCancelled())) await new Promise(setImmediate);
    await end(log, 'a');
    await hub.project(() => {});
    expect(isDone).toBe(false);
    await end(log, 'b');
    expect(await done).toEqual(['m-a', 'm-b']);
  });

  it('of an idle session is nothing', async () => {
    const log = createMemoryLog();
    const core = processOn(log);
    const { hub } = await core.hubs.acquire(session);
    expect(await interruptRuns(core, hub, participant)).toEqual([]);
  });

  it('need not stop what is gone meanwhile', async () => {
    const inner = createMemoryLog();
    await begin(inner, 'a');
    const log = changed(inner, {
      cancel: async () => {
        await end(inner, 'a', 1, 'finished');
        return { state: 'missing' };
      },
    });
    const core = processOn(log);
    const { hub } = await core.hubs.acquire(session);
    expect(await interruptRuns(core, hub, participant)).toEqual(['m-a']);
  });

  it('fails when the stop does', async () => {
    const inner = createMemoryLog();
    await begin(inner, 'a');
    const log = changed(inner, {
      cancel: async () => {
        throw new HoldfastError('unavailable', 'unable to reach the log: cut');
      },
    });
    const core = processOn(log);
    const { hub } = await core.hubs.acquire(session);
    await expect(interruptRuns(core, hub, participant)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'unable to reach the log: cut',
    });
  });

  it('gives up when a run does not end in a lease and a little more, and says when to try again', async () => {
    const log = createMemoryLog();
    await begin(log, 'a');
    let waited = 0;
    const core = processOn(log, async (ms) => {
      waited += ms;
    });
    const { hub } = await core.hubs.acquire(session);
    await expect(interruptRuns(core, hub, participant)).rejects.toMatchObject({
      code: 'unavailable',
      retryMs: 1_000,
    });
    expect(waited).toBeGreaterThanOrEqual(defaultLimits.leaseMs);
    expect(waited).toBeLessThan(2 * defaultLimits.leaseMs);
  });
});

describe('HF-RUN-23: approvals that nobody gives in time', () => {
  const asked = [
    { type: 'start' },
    { type: 'tool-input-available', toolCallId: 't', toolName: 'tool', input: {} },
    { type: 'tool-approval-request', approvalId: 'p', toolCallId: 't' },
  ];
  const waiting = async () => {
    const log = createMemoryLog();
    await log.send(session, {
      command: 'u',
      entries: [note({ k: 'message', message: userMessage('u', 'u') })],
    });
    await begin(log, 'r');
    await append(log, 'r', 1, asked);
    await end(log, 'r', 2, 'finished');
    return log;
  };

  it('are none where nothing waits', async () => {
    const core = processOn(createMemoryLog());
    expect(await expireApprovals(core, session)).toBe('done');
    expect(await core.log.head(session)).toBeNull();
  });

  it('are left to who has the agent', async () => {
    const log = await waiting();
    const core = processOn(log);
    const before = (await log.head(session))?.top;
    expect(await expireApprovals(core, session)).toBe('elsewhere');
    expect((await log.head(session))?.top).toBe(before);
    while (core.hubs.size > 0) await new Promise(setImmediate);
  });

  it('are denied once, and a run goes on with that, also when two look at once', async () => {
    const log = await waiting();
    const cores = [processOn(log), processOn(log)];
    let calls = 0;
    for (const core of cores)
      core.scheduler.register('agent', () => {
        calls++;
        return (async function* () {})();
      });
    const looked = await Promise.all(cores.map((core) => expireApprovals(core, session)));
    expect(looked).toEqual(['done', 'done']);
    for (const core of cores) await Promise.all(core.runs);
    expect(calls).toBe(1);
    const read = await log.read(session, { after: null, limit: 99 });
    const entries = read.kind === 'entries' ? read.entries.map(({ body }) => JSON.parse(body)) : [];
    expect(entries.filter(({ k }) => k === 'answer')).toMatchObject([
      {
        messageId: 'm-r',
        chunks: [{ approvalId: 'p', approved: false, reason: 'Nobody answered in time.' }],
        by: { id: 'holdfast', role: 'agent' },
      },
    ]);
    expect(await expireApprovals(cores[0] as (typeof cores)[0], session)).toBe('done');
    expect(calls).toBe(1);
  });

  const server = { id: 'holdfast', role: 'agent' } as const;
  const kinds = async (log: SessionLog): Promise<readonly string[]> => {
    const read = await log.read(session, { after: null, limit: 99 });
    return read.kind === 'entries' ? read.entries.map(({ body }) => JSON.parse(body).k) : [];
  };

  it('HF-HTTP-34: wait while an operator answers, and a run goes on with them once that is over', async () => {
    const log = await waiting();
    const core = processOn(log);
    let calls = 0;
    core.scheduler.register('agent', () => {
      calls++;
      return (async function* () {})();
    });
    await handOffByServer(core, session, 'operators', server);
    expect(await expireApprovals(core, session)).toBe('held');
    expect(await kinds(log)).not.toContain('answer');
    await handOffByServer(core, session, 'agents', server);
    expect(await expireApprovals(core, session)).toBe('done');
    await Promise.all(core.runs);
    expect((await kinds(log)).slice(-4)).toEqual(['handoff', 'answer', 'run-start', 'run-end']);
    expect(calls).toBe(1);
  });

  it('HF-HTTP-34: wait also where an operator takes over while they are being denied', async () => {
    const log = await waiting();
    const other = processOn(log);
    let left = 1;
    const core = processOn(
      changed(log, {
        send: async (id, command) => {
          if (command.command.includes('expired') && left-- > 0)
            await handOffByServer(other, session, 'operators', server);
          return await log.send(id, command);
        },
      }),
    );
    core.scheduler.register('agent', () => (async function* () {})());
    expect(await expireApprovals(core, session)).toBe('held');
    expect((await kinds(log)).at(-1)).toBe('handoff');
  });
});
