import type { NextConfig } from 'next';
import { networkAddresses } from './lib/network-addresses.ts';

const config: NextConfig = {
  // Sockets and Redis clients are Node programs; bundling them gains nothing.
  serverExternalPackages: ['ws', 'ioredis', 'bullmq', '@libsql/client'],
  // `npm test` checks the types, in a step of its own; whoever starts the demo need not wait for that.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  devIndicators: false,
  // A browser that has read the page only as far as its head was streamed asks for this name.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/icon.svg' }],
  // Next only knows `localhost` by itself, and without its development socket no page comes to life.
  allowedDevOrigins: ['127.0.0.1', ...networkAddresses()],
};

export default config;
