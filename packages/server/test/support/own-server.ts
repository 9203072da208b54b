import { onTestFinished } from 'vitest';
import { startServer, type TestServer, type TestServerOptions } from './server.ts';
import { echo } from './talk.ts';

/** A server that is gone when the test is over. */
export async function startOwnServer(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** One whose agent says again what it was told. */
export const startEchoServer = (options: TestServerOptions = {}): Promise<TestServer> =>
  startOwnServer({ agent: echo, ...options });
