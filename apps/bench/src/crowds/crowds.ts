import type { Side } from '../sides.ts';
import type { OpenCrowd } from './crowd.ts';

/** Null for sides without a socket that several could follow. */
export async function crowdOf(side: Side): Promise<OpenCrowd | null> {
  switch (side) {
    case 'ws':
      return (await import('./ws.ts')).openWsCrowd;
    case 'holdfast-redis':
    case 'holdfast-memory':
      return (await import('./holdfast.ts')).openHoldfastCrowd;
    default:
      return null;
  }
}
