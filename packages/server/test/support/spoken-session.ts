import { createRedisLog } from '@holdfast/log/redis';
import { inject, onTestFinished } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { gatedAgent } from './gated-agent.ts';
import { startOwnServer } from './own-server.ts';
import { type TestServer, userMessage } from './server.ts';

export interface SpokenSession {
  /** The session and its prefix, as the command line has them. */
  readonly args: readonly string[];
  readonly prefix: string;
  readonly server: TestServer;
  readonly run: string;
  /** Ends the answer, and resolves when clients know. */
  finish(): Promise<void>;
}

/** A session in Redis in which somebody has asked, and an answer stands open. */
export async function spokenSession(
  words: string,
  options: HoldfastOptions = {},
): Promise<SpokenSession> {
  const prefix = `cli-${crypto.randomUUID()}`;
  const session = 's1';
  const gated = gatedAgent();
  const log = createRedisLog({ redis: inject('redisUrl'), prefix });
  onTestFinished(() => log.close());
  const { encryption } = options;
  const server = await startOwnServer({
    agent: gated.agent,
    ...(encryption ? { encryption } : {}),
    log,
  });
  const { run } = await server.send({ id: session, message: userMessage('m1', words) });
  gated.emit(
    { type: 'start' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Hello' },
  );
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: session });
  await client.until((frame) => JSON.stringify(frame).includes('Hello'));
  const finish = async () => {
    gated.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
    gated.end();
    await client.entry('run-end');
  };
  return { args: [session, '--prefix', prefix], prefix, server, run, finish };
}
