import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { HoldfastError } from '@holdfast/protocol';
import type { Authorize } from '../contract/participant.ts';
import { createHoldfast } from '../holdfast.ts';
import { serveGateway } from '../node/serve-gateway.ts';
import { redacted } from '../redact.ts';
import type { Command } from './command.ts';
import { misused, numberOf } from './options.ts';
import { keysHelp, storeHelp, storeOf, storeOptions } from './store.ts';
import { safeJson, safeLine } from './terminal.ts';

/** A gateway that knows nothing of an application but who may do what. */
export const gateway: Command = {
  usage: 'gateway --authorize <file> [options]',
  options: `${storeHelp}
  --port <n>         port to listen on; 0 takes a free one; default HOLDFAST_PORT, or 3001
  --host <address>   address to listen on; default every one of the machine
  --path <path>      path of the sockets; default /holdfast
  --authorize <file> module whose export \`authorize\`, or default export, is the option \`authorize\` of
                     createHoldfast; without it nobody is let in, or with NODE_ENV=development this machine
  --origin <origin>  an origin whose pages may connect, besides the gateway's own; may be repeated

Answers GET /health with 200 or 503, and /health/live with 200. Ends on SIGTERM or SIGINT, when clients have been
told to go on elsewhere. With --json, a line { port } when it listens.

${keysHelp}`,
  read(given, terminal) {
    const { values } = parseArgs({
      args: [...given],
      options: {
        ...storeOptions,
        port: { type: 'string' },
        host: { type: 'string' },
        path: { type: 'string', default: '/holdfast' },
        authorize: { type: 'string' },
        origin: { type: 'string', multiple: true, default: [] },
      },
    });
    const { redis, prefix, keys } = storeOf(values, terminal);
    const { env } = terminal;
    const port = numberOf('port', values.port ?? (env.HOLDFAST_PORT || undefined), [0, 65_535]);
    const { host, path, authorize: file, origin, json } = values;
    if (file === undefined && env.NODE_ENV !== 'development')
      throw misused(
        'without --authorize nobody would be let in; give the file, or NODE_ENV=development',
      );
    return async () => {
      const holdfast = createHoldfast({
        redis,
        prefix,
        origins: origin,
        ...(file === undefined ? {} : { authorize: await authorizeOf(file) }),
        ...(keys.length > 0 ? { encryption: { keys } } : {}),
        onError: (error, { session, run }) =>
          terminal.note(
            safeLine(
              ['holdfast:', session, run, redacted(error).message].filter(Boolean).join(' '),
            ),
          ),
      });
      const options = { path, health: '/health', ...(host === undefined ? {} : { host }) };
      const serve = async () => {
        await holdfast.ready();
        return await serveGateway(holdfast, { ...options, port: port ?? 3001 });
      };
      const served = await serve().catch(async (error: unknown) => {
        await holdfast.close();
        throw error;
      });
      if (json) terminal.say(safeJson({ port: served.port }));
      // Signals end the process, see `closeOnSignals`.
      return await new Promise<never>(() => {});
    };
  },
};

async function authorizeOf(file: string): Promise<Authorize> {
  const module = (await import(pathToFileURL(resolve(file)).href).catch((cause: unknown) => {
    throw new HoldfastError(
      'internal',
      'unable to begin: the file of --authorize cannot be loaded',
      {
        cause,
      },
    );
  })) as { readonly authorize?: unknown; readonly default?: unknown };
  const authorize = module.authorize ?? module.default;
  if (typeof authorize === 'function') return authorize as Authorize;
  throw new HoldfastError(
    'internal',
    'unable to begin: the file of --authorize exports no function `authorize`, nor one as its default',
  );
}
