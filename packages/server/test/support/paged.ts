import { createMemoryLog, type Opened, type SessionLog } from '@holdfast/log';
import { expect, vi } from 'vitest';
import { startOwnServer } from './own-server.ts';
import type { TestServer, TestServerOptions } from './server.ts';
import { echo } from './talk.ts';

const limits = { pageMessages: 4, openMessages: 6 };

export async function serve(options: TestServerOptions = {}): Promise<TestServer> {
  return await startOwnServer({
    agent: echo,
    ...options,
    limits: { ...limits, ...options.limits },
  });
}

/** Two servers on one log, as two processes are. */
export async function serveTwice(options: TestServerOptions = {}): Promise<{
  log: SessionLog;
  one: TestServer;
  two: TestServer;
}> {
  const log: SessionLog = createMemoryLog();
  return { log, one: await serve({ log, ...options }), two: await serve({ log, ...options }) };
}

export const stored = (log: SessionLog, id: string): Promise<Opened | null> =>
  log.open(id, { limit: 100 });

/** Waits until everything of the session is stored. */
export const settled = (log: SessionLog, id: string): Promise<Opened | null> =>
  vi.waitFor(async () => {
    const opened = await stored(log, id);
    expect(opened?.checkpoint).toBe(opened?.top);
    return opened;
  });
