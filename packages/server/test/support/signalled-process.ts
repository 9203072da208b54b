// Two copies of one application in a process that signals close, for `fork`: one has the gateway, the other the route.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHoldfast } from '../../src/index.ts';
import { toNodeHandler } from '../../src/node/index.ts';
import { answer } from './gated-agent.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as object;
console.info = (line: unknown) => void process.send?.({ [`line${lines++}`]: line });
let lines = 0;

const copy = () => createHoldfast({ authorize: () => ({ id: 'u' }) });
const [gateway, route] = [copy(), copy()];

const ending = Promise.withResolvers<void>();
const chat = toNodeHandler(route, {
  agent: () =>
    (async function* () {
      const chunks = answer('Hello, whole.');
      yield* chunks.slice(0, 5);
      process.send?.({ writing: true });
      await ending.promise;
      yield* chunks.slice(5);
    })(),
});
const server = createServer((incoming, outgoing) => void chat(incoming, outgoing));
gateway.attach(server);
gateway.closeOnSignals({ runsMs: 60_000 });
// The last one's options count, whichever copy is asked.
route.closeOnSignals({ ...options, onClosed: () => void process.send?.({ closed: true }) });

const { now } = performance;
let later = 0;
performance.now = () => now.call(performance) + later;

process.on('message', (message) => {
  if (message === 'end') ending.resolve();
  else if (message === 'a second passes') {
    later += 1_001;
    process.send?.({ passed: true });
  } else process.send?.({ alive: true });
});
process.on('disconnect', () => process.exit(3));
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
