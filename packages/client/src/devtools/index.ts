import type { SocketConstructor } from '../contract/connection.ts';
import { defaultEnvironment } from '../environment.ts';
import { createCable } from './cable.ts';
import type { Devtools, DevtoolsOptions } from './contract.ts';
import { showPanel } from './panel.ts';
import { createRecords } from './records.ts';
import { tappedFetch } from './tapped-fetch.ts';
import { tappedSockets } from './tapped-socket.ts';

export type { Devtools, DevtoolsOptions, ShownTransport } from './contract.ts';

/**
 * A panel for one transport: connection, carrier, sessions with their positions and runs, every frame, and a switch
 * that cuts the network. Bundlers take it in development only (the condition `development` of the package's exports).
 * It keeps the last 300 frames, never tokens.
 */
export function createDevtools(options: DevtoolsOptions = {}): Devtools {
  const records = createRecords(defaultEnvironment.now);
  const cable = createCable();
  const ownSocket = () =>
    options.WebSocket ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  return {
    network: {
      WebSocket: tappedSockets(ownSocket, records, cable),
      fetch: tappedFetch(() => options.fetch ?? globalThis.fetch, records, cable),
    },
    show: (transport) => showPanel({ transport, records, cable }),
  };
}
