#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createApp, type Run } from './create-app.ts';

/** What it starts has the terminal, and is told of signals by it; resolves as a shell would name its end. */
const run: Run = (command, args, cwd) =>
  new Promise((resolve, reject) => {
    // On Windows package managers are scripts, which only a shell can start.
    const child = spawn(command, args, {
      cwd,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM'] as const;
    for (const signal of signals) process.on(signal, pass);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const each of signals) process.off(each, pass);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });

process.exitCode = await createApp(process.argv.slice(2), {
  cwd: process.cwd(),
  userAgent: process.env.npm_config_user_agent,
  template: new URL('./template', import.meta.url),
  manifest: new URL('../package.json', import.meta.url),
  write: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
  run,
});
