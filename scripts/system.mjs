// Finds the programs that npm cannot bring, Redis, Chromium and Python, or installs them with apt.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { output, run } from './process.mjs';

const redis = {
  name: 'Redis 7 or newer (or Valkey)',
  variable: 'REDIS_SERVER',
  commands: ['redis-server', 'valkey-server'],
  places: ['/opt/homebrew/bin/redis-server', '/usr/local/opt/redis/bin/redis-server'],
  packages: ['redis-server'],
  accepts: (version) => Number(/\bv=(\d+)/.exec(version)?.[1]) >= 7,
};

const chromium = {
  name: 'Chromium (or Chrome)',
  variable: 'CHROME_PATH',
  commands: ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'],
  places: [
    '/usr/lib/chromium/chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  packages: ['chromium'],
  accepts: (version) => /chrom/i.test(version),
};

const python = {
  name: 'Python 3.9 or newer',
  variable: 'PYTHON',
  commands: ['python3'],
  places: ['/opt/homebrew/bin/python3'],
  packages: ['python3'],
  accepts: (version) => Number(/^Python 3\.(\d+)/.exec(version)?.[1]) >= 9,
};

export const ensureRedis = () => ensure(redis);
export const ensureChromium = () => ensure(chromium);
export const ensurePython = () => ensure(python);

/** Leaves the path of the program in its environment variable, for every later step. */
async function ensure(program) {
  const path = find(program) ?? (await install(program));
  if (!path) throw new Error(missing(program));
  process.env[program.variable] = path;
  return path;
}

function find({ variable, commands, places, accepts }) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  const named = process.env[variable];
  const candidates = named
    ? [named]
    : [...commands.flatMap((command) => folders.map((folder) => join(folder, command))), ...places];
  return candidates.find((path) => existsSync(path) && accepts(output(path, ['--version']) ?? ''));
}

async function install(program) {
  const become = privilege();
  if (!become || process.env[program.variable]) return undefined;
  console.log(`Installing ${program.packages.join(' ')} with apt-get …`);
  // RUNLEVEL=1 keeps the package from starting a service: the tests start their own servers.
  const apt = (...args) => {
    const [command, ...rest] = [...become, 'env', 'RUNLEVEL=1', 'DEBIAN_FRONTEND=noninteractive'];
    return run(command, [...rest, 'apt-get', '-qq', ...args]);
  };
  await apt('update');
  await apt('install', '--yes', '--no-install-recommends', ...program.packages);
  return find(program);
}

/** The prefix that runs a command as root, or null where apt-get cannot be used. */
function privilege() {
  if (!output('apt-get', ['--version'])) return null;
  if (process.getuid?.() === 0) return [];
  return output('sudo', ['-n', 'true']) === null ? null : ['sudo', '-n'];
}

function missing({ name, variable, packages }) {
  return `${name} is missing: install it (Debian, Ubuntu: apt-get install ${packages.join(' ')}) or set ${variable} to its path.`;
}
