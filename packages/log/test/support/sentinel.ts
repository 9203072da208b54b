import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { Redis } from 'ioredis';
import { onTestFinished, vi } from 'vitest';

export const masterName = 'sessions';

export interface Watched {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** Where the Sentinel is. */
  readonly sentinel: { readonly host: string; readonly port: number };
}

/** A master with a replica that is in step, and one Sentinel that promotes it when the master is silent. */
export async function watched(): Promise<Watched> {
  const master = await RedisServer.start();
  onTestFinished(() => master[Symbol.asyncDispose]());
  const replica = await RedisServer.start({
    args: ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'],
  });
  onTestFinished(() => replica[Symbol.asyncDispose]());
  // A server that is gone leaves its port free.
  const spare = await RedisServer.start();
  await spare[Symbol.asyncDispose]();
  const { port } = spare;
  startSentinel(port, master.port);
  const sentinel = { host: '127.0.0.1', port };
  const ask = new Redis({ ...sentinel, retryStrategy: () => 50 });
  ask.on('error', () => {});
  onTestFinished(() => ask.disconnect());
  // It asks its master for replicas every 10 s, and at once at its start.
  await vi.waitFor(
    async () => {
      const known = (await ask.call('SENTINEL', 'REPLICAS', masterName)) as string[][];
      const told = known.flat();
      if (!told.includes(String(replica.port)) || !told.includes('ok'))
        throw new Error('no replica');
    },
    { timeout: 20_000, interval: 100 },
  );
  return { master, replica, sentinel };
}

function startSentinel(port: number, master: number): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${masterName} 127.0.0.1 ${master} 1`,
    `sentinel down-after-milliseconds ${masterName} 1000`,
    `sentinel failover-timeout ${masterName} 5000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const program = process.env.REDIS_SERVER ?? 'redis-server';
  const child = spawn(program, [file, '--sentinel'], { stdio: 'ignore' });
  onTestFinished(async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  return child;
}
