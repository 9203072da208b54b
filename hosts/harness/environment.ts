import { delimiter, dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a program needs to find its way: to files, to the network, to its caches. */
const kept =
  /^(HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|CI|XDG_\w+|(HTTPS?|NO|ALL)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|npm_config_(userconfig|globalconfig|cache|\w*proxy|cafile))$/i;

/**
 * The environment of an application's processes: not that of the test runner, whose `NODE_ENV` and
 * whose programs in `node_modules/.bin` no user has.
 */
export function environment(
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const given = Object.entries(process.env).filter(
    (entry): entry is [string, string] => kept.test(entry[0]) && entry[1] !== undefined,
  );
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((each) => !each.startsWith(root) && !each.includes(`node_modules${sep}.bin`));
  return {
    ...Object.fromEntries(given),
    PATH: [`${folder}${sep}node_modules${sep}.bin`, dirname(process.execPath), ...path].join(
      delimiter,
    ),
    npm_config_update_notifier: 'false',
    NEXT_TELEMETRY_DISABLED: '1',
    NO_COLOR: '1',
    ...more,
  };
}
