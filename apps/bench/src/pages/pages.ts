import type { Side } from '../sides.ts';
import type { OpenPage } from './page.ts';

/** Only the client of one side is loaded into its process. */
export async function pagesOf(side: Side): Promise<OpenPage> {
  switch (side) {
    case 'sse':
      return (await import('./stock.ts')).openPlainPage;
    case 'sse-light':
    case 'sse-bare':
      return (await import('./light.ts')).openLightPage;
    case 'durable-streams':
      return (await import('./durable-streams.ts')).openDurableStreamsPage;
    case 'sdk-websocket':
      return (await import('./sdk-websocket.ts')).openSdkWebSocketPage;
    case 'resumable-stream':
    case 'assistant-stream':
      return (await import('./stock.ts')).openStockPage;
    case 'ws':
      return (await import('./ws.ts')).openWsPage;
    case 'holdfast-redis':
    case 'holdfast-fsync':
    case 'holdfast-replicated':
    case 'holdfast-gathered':
    case 'holdfast-memory':
      return (await import('./holdfast.ts')).openHoldfastPage;
    case 'holdfast-http':
      return (await import('./holdfast.ts')).openHttpPage;
  }
}
