// Next and the gateway in one process: the way to run Holdfast that needs nothing else.
import './lib/node-env.ts';
import './lib/command-line.ts';
import { createServer } from 'node:http';
import next from 'next';
import { greeting } from './lib/greeting.ts';
import { holdfast } from './lib/holdfast.ts';
import { listen } from './lib/listen.ts';
import { modelName } from './lib/model.ts';
import { networkAddresses } from './lib/network-addresses.ts';
import { shareAddress } from './lib/share-address.ts';

const dev = process.env.NODE_ENV !== 'production';

const app = next({ dev, dir: import.meta.dirname });
await app.prepare();
await holdfast.ready();

const handle = app.getRequestHandler();
const server = createServer((request, response) => void handle(request, response));
holdfast.attach(server);
holdfast.closeOnSignals({ runsMs: 5_000, onClosed: () => app.close() });

const { host, port, isOpen } = await listen(server);
const shared = isOpen ? networkAddresses().map((address) => `http://${address}:${port}`) : [];
shareAddress(shared[0]);
console.log(
  greeting({
    local: `http://${isOpen ? 'localhost' : host}:${port}`,
    shared,
    isOpen,
    details: `${modelName()}, sessions in ${process.env.REDIS_URL ? 'Redis' : 'memory'}`,
    hasColours: process.stdout.isTTY && !process.env.NO_COLOR,
  }),
);
