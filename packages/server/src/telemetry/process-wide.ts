import type { MeterProvider } from '@opentelemetry/api';
import type { Instruments } from './instruments.ts';

/** What one `createHoldfast` has at the moment. */
export interface Load {
  readonly sockets: number;
  readonly streams: number;
  readonly subscriptions: number;
  readonly bytes: number;
  readonly sessions: number;
  readonly runs: number;
}

/** What all copies of this module in a process share: of two with counters of their own, one would be lost. */
export interface Measured {
  /** Plain numbers, which are added to for each entry that a client is sent, and read when they are collected. */
  readonly sent: { entries: number; bytes: number };
  /** The same of appends, by what the log answered, and of the bytes of those that it took. */
  readonly appends: Map<string, number>;
  readonly appended: { count: number; bytes: number };
  /** Those that are in use. */
  readonly loads: Set<() => Load>;
  /** For which provider there are instruments, and which; null where that records nothing. */
  made: { readonly provider: MeterProvider; readonly instruments: Instruments | null } | null;
}

const key = Symbol.for('holdfast.server.measured.1');

function measuredHere(): Measured {
  const holder = globalThis as { [key]?: Measured };
  holder[key] ??= {
    sent: { entries: 0, bytes: 0 },
    appends: new Map(),
    appended: { count: 0, bytes: 0 },
    loads: new Set(),
    made: null,
  };
  return holder[key];
}

export const measured: Measured = measuredHere();
