import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'vitest';

/** Programs that the repository installs. */
const bin = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));

/** Checks what is in a folder by the tsconfig there. */
async function check(folder: string): Promise<void> {
  const cwd = fileURLToPath(new URL(folder, import.meta.url));
  await promisify(execFile)(join(bin, 'tsc'), [], { cwd }).catch(({ stdout }) => {
    throw new Error(`unable to pass:\n${stdout}`);
  });
}

test('the programs, and what tests them, pass the type check', () => check('..'));

test('an app on React Native passes its modules to the client as they are', () =>
  check('../react-native'));
