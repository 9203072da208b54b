// Who comes with an empty folder, an empty home, Node and npm, git, and what a shell has.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { startGroup } from '../../hosts/harness/group.ts';
import { within } from '../../hosts/harness/within.ts';
import { root } from '../root.mjs';

const programs = ['node', 'npm', 'npx', 'git', 'sh', 'env', 'dirname', 'basename', 'sed', 'uname'];
const passed =
  /^(LANG|LC_\w+|TZ|TMPDIR|(HTTPS?|NO|ALL)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/i;
/** No stage takes as long, on any machine. */
const longest = 20 * 60_000;

/** @param {{ repository: string }} page where the repository is said to be: git finds this one there */
export function newcomer({ repository }) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-hour-'));
  const [bin, home, newer] = ['bin', 'home', 'newer'].map((name) => join(folder, name));
  for (const each of [bin, home, newer]) mkdirSync(each);
  symlinkSync(process.execPath, join(newer, 'node'));
  const places = (process.env.PATH ?? '').split(delimiter).filter((each) => !each.startsWith(root));
  for (const program of programs) {
    const place = places.map((each) => join(each, program)).find(existsSync);
    if (place) symlinkSync(place, join(bin, program));
  }
  const given = Object.entries(process.env).filter(([name]) => passed.test(name));
  const own = {
    ...Object.fromEntries(given),
    PATH: bin,
    HOME: home,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `url.${root}.insteadOf`,
    GIT_CONFIG_VALUE_0: repository,
    NEXT_TELEMETRY_DISABLED: '1',
    NO_COLOR: '1',
    npm_config_update_notifier: 'false',
  };

  const start = (command, cwd, env = {}) =>
    startGroup(`set -e\n${command}`, cwd, { ...own, ...env });
  const groups = [];
  return {
    folder,
    /** For what needs a newer Node than the README's demo: the project's own comes first. */
    withNewerNode: { PATH: [newer, bin].join(delimiter) },
    /** An empty folder in it. */
    empty(name) {
      const made = join(folder, name);
      mkdirSync(made);
      return made;
    },
    /** Runs a command to its end. Throws with its output unless that is 0. */
    async run(command, cwd, env) {
      const group = start(command, cwd, env);
      const code = await within(longest, group.ended);
      await group.kill();
      if (code !== 0) throw new Error(`unable to run ${command}: ${code}\n${group.output()}`);
    },
    /** Starts what serves; resolves when it has printed what is looked for, with that. */
    async serve(command, cwd, { env, prints }) {
      const group = start(command, cwd, env);
      groups.push(group);
      const until = performance.now() + longest;
      while (performance.now() < until) {
        const found = prints.exec(group.output());
        if (found) return { said: found[1] ?? '', group };
        const code = await within(200, group.ended);
        if (code !== undefined)
          throw new Error(`unable to serve by ${command}: ${code}\n${group.output()}`);
      }
      throw new Error(`unable to serve by ${command}: it never says ${prints}\n${group.output()}`);
    },
    async leave() {
      await Promise.all(groups.map((group) => group.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
