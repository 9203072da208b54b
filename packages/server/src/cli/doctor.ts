import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { checkRedis } from './doctor-redis.ts';
import { checkSocket, type Way } from './doctor-socket.ts';
import type { Finding } from './finding.ts';
import { misused, numberOf } from './options.ts';
import { hasStore, keysHelp, type Store, storeHelp, storeOf, storeOptions } from './store.ts';
import { safeJson, safeLine, type Terminal } from './terminal.ts';

const marks = { ok: 'ok     ', warning: 'warning', refused: 'REFUSED' };

/** Looks at Redis, and at a socket's way to the gateway. */
export const doctor: Command = {
  usage: 'doctor [--redis <url>] [--url <gateway>] [options]',
  options: `${storeHelp}
  --url <address>    of the gateway, as pages have it, such as wss://app.example/holdfast: tries a socket
  --origin <origin>  of the page, as a browser would say it
  --idle <seconds>   leaves the socket alone for so long, up to 3600, to see whether a proxy cuts it

Redis is looked at where --redis or REDIS_URL is given, its rights on keys that are removed again. Ends with 1
where there is a warning, or something is refused. With --json, { ok, findings }.

${keysHelp}
  HOLDFAST_TOKEN     the token with which the socket says hello`,
  read(given, terminal) {
    const { values } = parseArgs({
      args: [...given],
      options: {
        ...storeOptions,
        url: { type: 'string' },
        origin: { type: 'string' },
        idle: { type: 'string' },
      },
    });
    const store = hasStore(values, terminal) ? storeOf(values, terminal) : null;
    const way = wayOf(values, terminal);
    if (!store && !way) throw misused('there is nothing to look at; give --redis, --url or both');
    return async () => {
      const findings: Finding[] = [];
      for await (const finding of look(store, way)) {
        findings.push(finding);
        if (!values.json) for (const line of linesOf(finding)) terminal.say(line);
      }
      const isWell = findings.every(({ state }) => state === 'ok');
      if (values.json) terminal.say(safeJson({ ok: isWell, findings }));
      return isWell ? 0 : 1;
    };
  },
};

interface Asked {
  readonly url?: string | undefined;
  readonly origin?: string | undefined;
  readonly idle?: string | undefined;
}

function wayOf({ url, origin, idle }: Asked, { env }: Terminal): Way | null {
  const idleMs = (numberOf('idle', idle, [0, 3_600]) ?? 0) * 1_000;
  if (url === undefined) {
    if (origin !== undefined || idle !== undefined) throw misused('--origin and --idle need --url');
    return null;
  }
  if (!/^(https?|wss?):\/\//.test(url) || !URL.canParse(url))
    throw misused('--url is no address like wss://app.example/holdfast');
  return { url, origin, idleMs, token: env.HOLDFAST_TOKEN };
}

async function* look(store: Store | null, way: Way | null): AsyncGenerator<Finding> {
  if (store) yield* checkRedis(store);
  if (way) yield* checkSocket(way);
}

function linesOf({ check, state, says, advice }: Finding): string[] {
  const line = `${marks[state]}  ${check.padEnd(11)}  ${safeLine(says)}`;
  return advice === undefined ? [line] : [line, `${' '.repeat(22)}${safeLine(advice)}`];
}
