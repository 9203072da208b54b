import type { NextConfig } from 'next';

const config: NextConfig = {
  // Sockets and Redis clients are Node programs; bundling them gains nothing.
  serverExternalPackages: ['ws', 'ioredis'],
  poweredByHeader: false,
  devIndicators: false,
};

export default config;
