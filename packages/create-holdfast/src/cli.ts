#!/usr/bin/env node
import { createApp } from './create-app.ts';
import { isFree } from './gateway-port.ts';
import { run } from './run.ts';

process.exitCode = await createApp(process.argv.slice(2), {
  cwd: process.cwd(),
  userAgent: process.env.npm_config_user_agent,
  template: new URL('./template', import.meta.url),
  manifest: new URL('../package.json', import.meta.url),
  write: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
  run,
  ports: { random: Math.random, isFree },
  node: process.versions.node,
});
