// Next and the gateway in one process: the way to run Holdfast that needs nothing else.
import './lib/node-env.ts';
import { createServer } from 'node:http';
import next from 'next';
import { holdfast } from './lib/holdfast.ts';
import { listen } from './lib/listen.ts';
import { modelName } from './lib/model.ts';
import { closeOnSignal } from './lib/shutdown.ts';

const dev = process.env.NODE_ENV !== 'production';

const app = next({ dev, dir: import.meta.dirname });
await app.prepare();
await holdfast.ready();

const handle = app.getRequestHandler();
const server = createServer((request, response) => void handle(request, response));
holdfast.attach(server);
closeOnSignal(server, () => app.close());

const address = await listen(server);
const store = process.env.REDIS_URL ? 'Redis' : 'memory';
console.log(`Holdfast demo on http://${address} (${modelName()}, sessions in ${store})`);
