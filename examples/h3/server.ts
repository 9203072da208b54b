import { createHoldfast } from '@holdfast/server';
import { plugin as webSockets } from 'crossws/server';
import { defineWebSocketHandler, H3, serve } from 'h3';
import { agent } from '../agent.ts';
import { authorize } from '../authorize.ts';
import { gatewayHooks } from './crossws.ts';

const holdfast = createHoldfast({ authorize, redis: process.env.REDIS_URL });
const app = new H3();

app.all('/api/chat', ({ req }) => holdfast.handle(req, { agent, path: [] }));
app.all('/api/chat/**:path', ({ req, context }) =>
  holdfast.handle(req, { agent, path: context.params?.path?.split('/') ?? [] }),
);
app.all('/holdfast', defineWebSocketHandler(gatewayHooks(holdfast)));

const server = serve(app, {
  port: Number(process.env.PORT ?? 3000),
  // One signal, one who ends the process.
  gracefulShutdown: false,
  plugins: [webSockets({ options: { node: { serverOptions: { maxPayload: 65_536 } } } })],
});
holdfast.closeOnSignals({ onClosed: () => server.close() });
