import type { Devtools, DevtoolsOptions } from './contract.ts';

export type { Devtools, DevtoolsOptions, ShownTransport } from './contract.ts';

/** What bundlers take that build for production: the transport uses the page's own network, and nothing is shown. */
export const createDevtools = ({ WebSocket, fetch }: DevtoolsOptions = {}): Devtools => ({
  network: { ...(WebSocket && { WebSocket }), ...(fetch && { fetch }) },
  show: () => () => {},
});
