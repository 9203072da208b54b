import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Run } from './create-app.ts';

/** What it starts has the terminal; resolves as a shell would name its end. */
export const run: Run = (command, args, cwd) =>
  new Promise((resolve, reject) => {
    // On Windows package managers are scripts, which only a shell can start.
    const child = spawn(command, args, {
      cwd,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    // Ctrl-C is told to both by the terminal; told twice, what runs would be cut off in its ending.
    const wait = (): void => {};
    const pass = (): void => void child.kill('SIGTERM');
    process.on('SIGINT', wait).on('SIGTERM', pass);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', wait).off('SIGTERM', pass);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
