/** The programs of the matrix: a folder of examples each, and how it is started there. */
export const hosts = [
  { name: 'node', command: 'node server.ts' },
  { name: 'express', command: 'node server.ts' },
  { name: 'fastify', command: 'node server.ts' },
  { name: 'hono', command: 'node server.ts' },
  { name: 'koa', command: 'node server.ts' },
  { name: 'h3', command: 'node server.ts' },
  { name: 'vercel', command: 'node ../test/support/vercel-host.ts' },
  { name: 'bun', command: 'bun server.ts' },
  {
    name: 'deno',
    // Not the script of npm's package, which ends before its child.
    command:
      'node_modules/deno/deno run --no-prompt --allow-net --allow-env --allow-read --allow-sys server.ts',
  },
];
