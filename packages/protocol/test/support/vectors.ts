import { readFileSync } from 'node:fs';
import type { ClientFrame, ServerFrame } from '../../src/frames.ts';

interface Vectors<Frame> {
  readonly valid: readonly Frame[];
  readonly unknown: readonly string[];
  readonly bad: readonly { readonly text: string; readonly reason: string }[];
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));

/** Golden frames. They are JSON, so that other implementations of the protocol can use them. */
export const clientVectors: Vectors<ClientFrame> = read('client-frames') as Vectors<ClientFrame>;
export const serverVectors: Vectors<ServerFrame> = read('server-frames') as Vectors<ServerFrame>;
