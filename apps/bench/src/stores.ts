import { RedisServer } from '@holdfast/testkit/redis-harness';
import { RedisReplicas } from '@holdfast/testkit/redis-replicas';
import type { Side } from './sides.ts';

/** The Redis servers of a run: one for all, and one for each durability that needs another kind. */
export interface Stores extends AsyncDisposable {
  /** Of the one without persistence. */
  readonly url: string;
  urlOf(side: Side): string;
}

export async function startStores(sides: readonly Side[]): Promise<Stores> {
  const started: AsyncDisposable[] = [];
  const start = async <Server extends AsyncDisposable>(begun: Promise<Server>): Promise<Server> => {
    const server = await begun;
    started.push(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server[Symbol.asyncDispose]()));
  };
  try {
    const { url } = await start(RedisServer.start());
    const own: { [S in Side]?: string } = {};
    if (sides.includes('holdfast-fsync'))
      own['holdfast-fsync'] = (await start(RedisServer.start({ appendfsync: 'always' }))).url;
    if (sides.includes('holdfast-replicated'))
      own['holdfast-replicated'] = (await start(RedisReplicas.start())).master.url;
    return { url, urlOf: (side) => own[side] ?? url, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
