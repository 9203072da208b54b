// What `vite build` made, with sockets beside it: `node server.ts`.
import { createServer } from 'node:http';
import { handler } from './build/handler.js';
import { holdfast } from './src/lib/server/holdfast.ts';

const server = createServer(handler);
// The build has a copy of `holdfast`; both share what the process has of sessions.
holdfast.attach(server);
holdfast.closeOnSignals();
server.listen(Number(process.env.PORT ?? 3000));
