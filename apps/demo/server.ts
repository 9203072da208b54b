// Next and the gateway in one process: the way to run Holdfast that needs nothing else.
import './lib/node-env.ts';
import { createServer } from 'node:http';
import next from 'next';
import { holdfast } from './lib/holdfast.ts';
import { listen } from './lib/listen.ts';
import { modelName } from './lib/model.ts';
import { closeOnSignal } from './lib/shutdown.ts';

const dev = process.env.NODE_ENV !== 'production';

/**
 * Never listens. Next puts a listener for upgrades on the server that it is given, or else on the
 * one of its first request, and that listener ends every socket whose path fits one of the app's
 * pages: with a page such as `app/[slug]`, those of the gateway too.
 */
const forNext = createServer();
const app = next({ dev, dir: import.meta.dirname, httpServer: forNext });
await app.prepare();
await holdfast.ready();

const handle = app.getRequestHandler();
const server = createServer((request, response) => void handle(request, response));
holdfast.attach(server, { next: (...upgrade) => forNext.emit('upgrade', ...upgrade) });
closeOnSignal(server, () => app.close());

const address = await listen(server);
const store = process.env.REDIS_URL ? 'Redis' : 'memory';
console.log(`Holdfast demo on http://${address} (${modelName()}, sessions in ${store})`);
