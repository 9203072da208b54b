import { createMemoryLog, type Opened, type SessionLog } from '@holdfast/log';
import { expect, onTestFinished, vi } from 'vitest';
import { startServer, type TestServer, type TestServerOptions } from './server.ts';
import { echo } from './talk.ts';

const limits = { pageMessages: 4, openMessages: 6 };

export async function serve(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startServer({
    agent: echo,
    ...options,
    limits: { ...limits, ...options.limits },
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
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
