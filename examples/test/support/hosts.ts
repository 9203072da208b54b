/** The programs of the matrix: a folder of examples each, and how it is started there. */
export const hosts = [
  { name: 'node', command: 'node server.ts' },
  { name: 'express', command: 'node server.ts' },
  { name: 'fastify', command: 'node server.ts' },
  { name: 'hono', command: 'node server.ts' },
  { name: 'koa', command: 'node server.ts' },
  { name: 'h3', command: 'node server.ts' },
  { name: 'bun', command: 'bun server.ts' },
  // Not the script of npm's package, which ends before its child.
  { name: 'deno', command: 'node_modules/deno/deno run --allow-all server.ts' },
];
