import { onTestFinished } from 'vitest';
import { startServer, type TestServer, type TestServerOptions } from './server.ts';

/** A server that is gone when the test is over. */
export async function startOwnServer(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}
