// Preloaded before a program that uses Ably's SDK: tells it where the service is, by its own public options, in
// place of the address that is built into it. All else of the SDK is as its packages have it.
import { createRequire } from 'node:module';

type Client = new (options: object) => object;

const load = createRequire(new URL('../../../migrate-ably/before/client.ts', import.meta.url));
const ably: { Realtime: Client } = load('ably');

ably.Realtime = class extends ably.Realtime {
  constructor(options: object) {
    const port = Number(process.env.ABLY_PORT);
    super({ ...options, endpoint: 'localhost', port, tls: false, useBinaryProtocol: false });
  }
};
