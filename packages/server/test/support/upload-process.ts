// A server in a process of its own, for `fork`, that says how much memory uploads take: the address of Redis, the
// prefix of its keys, and the key that encrypts, if any does.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SessionLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import { changed } from './logs.ts';
import { startServer } from './server.ts';

const [redis = '', prefix = '', key] = process.argv.slice(2);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is held: buffers are given back by the collection behind the one that finds them. */
function heldBytes(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** One in so many acts is measured, for a collection takes its time. */
const measuredEvery = 17;
let acts = 0;
let most = 0;
let pieces = 0;
let samples = 0;

/** Measures while a piece is on its way: in the hands of the log, and the request still open. */
async function measuring<T>(act: () => Promise<T>): Promise<T> {
  const done = act();
  if (acts++ % measuredEvery === 0) {
    samples++;
    most = Math.max(most, heldBytes());
  }
  return await done;
}

const log = createRedisLog({ redis, prefix });
const putPiece: SessionLog['putPiece'] = (...piece) => {
  pieces++;
  return measuring(() => log.putPiece(...piece));
};
const server = await startServer({
  log: changed(log, {
    putPiece,
    readPiece: (...source) => measuring(() => log.readPiece(...source)),
  }),
  ...(key ? { encryption: { keys: [{ id: 'k', key: Buffer.from(key, 'base64') }] } } : {}),
});

process.on('message', (message) => {
  if (message === 'begin') {
    pieces = 0;
    samples = 0;
    most = heldBytes();
    process.send?.({ before: most });
  } else if (message === 'end') {
    process.send?.({ most, pieces, samples });
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.({ api: server.api });
