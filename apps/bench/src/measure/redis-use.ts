import type { Redis } from 'ioredis';

/** What Redis has counted so far, or the difference of two such counts. */
export interface RedisUse {
  /** Commands that clients sent. */
  readonly commands: number;
  /** Those of them that run scripts: all that Holdfast reads and writes. */
  readonly scripts: number;
  /** What was published, by clients and within scripts: it cannot be told from whom a notice was. */
  readonly publishes: number;
  /** Stream entries that were added: for Holdfast, the batches that were appended, and the sends. */
  readonly entries: number;
  /** Bytes that came and went over the network. */
  readonly bytes: number;
}

interface Counts {
  readonly calls: ReadonlyMap<string, number>;
  readonly bytes: number;
}

const field = (info: string, name: string): number =>
  Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);

async function count(redis: Redis): Promise<Counts> {
  const [stats, commands] = await Promise.all([redis.info('stats'), redis.info('commandstats')]);
  const calls = new Map<string, number>();
  for (const [, name = '', times] of commands.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm))
    calls.set(name, Number(times));
  const bytes = field(stats, 'total_net_input_bytes') + field(stats, 'total_net_output_bytes');
  return { calls, bytes };
}

const isScript = /^(evalsha|eval|fcall)(_ro)?$/;
/** A script never calls these. */
const clientsOnly =
  /^(s?(un)?subscribe|p(un)?subscribe|ping|hello|client(\|.*)?|script(\|.*)?|quit)$/;
/** What this file asks for itself. */
const own = /^info$/;

function between(from: Counts, to: Counts): RedisUse {
  const calls = [...to.calls].map(
    ([name, times]) => [name, times - (from.calls.get(name) ?? 0)] as const,
  );
  const all = (test: (name: string) => boolean): number =>
    calls.reduce((total, [name, times]) => (test(name) ? total + times : total), 0);
  // Redis counts what a script calls like what a client sends. A side that uses scripts does all
  // its reading and writing in them, so what else was counted came from within.
  const scripts = all((name) => isScript.test(name));
  const commands = all((name) =>
    scripts > 0 ? isScript.test(name) || clientsOnly.test(name) : !own.test(name),
  );
  const entries = all((name) => name === 'xadd');
  const publishes = all((name) => /^s?publish$/.test(name));
  return { commands, scripts, publishes, entries, bytes: to.bytes - from.bytes };
}

export interface RedisMeter {
  /** Begins to count; the returned function tells what was used since. */
  start(): Promise<() => Promise<RedisUse>>;
}

export function redisMeter(redis: Redis): RedisMeter {
  return {
    start: async () => {
      // Asking costs bytes too; what it costs is taken off.
      const first = await count(redis);
      const from = await count(redis);
      const asking = from.bytes - first.bytes;
      return async () => {
        const use = between(from, await count(redis));
        return { ...use, bytes: Math.max(0, use.bytes - asking) };
      };
    },
  };
}
