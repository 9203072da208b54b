interface Host {
  /** The folder under examples. */
  readonly name: string;
  /** What has to be run there first. */
  readonly build?: string;
  /** How the program is started there. */
  readonly command: string;
  /** Takes it that a proxy in front of it ends TLS. */
  readonly isBehindTls?: boolean;
}

/** The programs of the matrix. */
export const hosts: readonly Host[] = [
  { name: 'node', command: 'node server.ts' },
  { name: 'express', command: 'node server.ts' },
  { name: 'fastify', command: 'node server.ts' },
  { name: 'hono', command: 'node server.ts' },
  { name: 'koa', command: 'node server.ts' },
  { name: 'h3', command: 'node server.ts' },
  {
    name: 'nitro',
    build: 'nitropack build',
    // Holdfast ends the process, once its answers have ended.
    command: 'NITRO_SHUTDOWN_DISABLED=true node .output/server/index.mjs',
  },
  {
    name: 'nuxt',
    build: 'nuxt build',
    command: 'NITRO_SHUTDOWN_DISABLED=true node .output/server/index.mjs',
  },
  {
    name: 'sveltekit',
    build: 'vite build',
    command: 'node server.ts',
    isBehindTls: true,
  },
  { name: 'vercel', command: 'node ../test/support/vercel-host.ts' },
  { name: 'bun', command: 'bun server.ts' },
  {
    name: 'deno',
    // Not the script of npm's package, which ends before its child.
    command:
      'node_modules/deno/deno run --no-prompt --allow-net --allow-env --allow-read --allow-sys server.ts',
  },
];
