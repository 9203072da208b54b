// The gateway alone. It serves the sockets of any number of Next processes on the same Redis.
import './lib/node-env.ts';
import { createServer } from 'node:http';
import { holdfast } from './lib/holdfast.ts';
import { listen } from './lib/listen.ts';

if (!process.env.REDIS_URL)
  throw new Error('unable to start; a gateway of its own needs REDIS_URL to share sessions');
await holdfast.ready();

const server = createServer((_, response) => response.writeHead(404).end());
holdfast.attach(server);
holdfast.closeOnSignals();
const { host, port } = await listen(server, 4000);
console.log(`Holdfast gateway on ws://${host}:${port}/holdfast`);
