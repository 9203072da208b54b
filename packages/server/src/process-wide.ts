import type { Server } from 'node:http';
import type { SessionLog } from '@holdfast/log';
import type { CloseOptions } from './close.ts';
import type { AttachOptions } from './gateway/attach.ts';

/** A `createHoldfast` that is in use, as those that close the whole process see it. */
export interface Member {
  /** Runs that it executes. */
  readonly runs: number;
  /** Takes no new work any more. Resolves when all that gives it some knows. */
  drain(): Promise<void>;
  /** Resolves when no run is left. */
  idle(): Promise<void>;
  close(options: CloseOptions): Promise<void>;
}

/** An HTTP server whose sockets one of the members serves. */
export interface Attachment {
  readonly server: Server;
  readonly options: AttachOptions | undefined;
  readonly log: SessionLog;
  detach: () => void;
}

/**
 * State that a process has once, however many copies of this module a bundler has made: Next has one for
 * `instrumentation.ts`, one for each bundle of routes, and new ones with every hot reload.
 */
export interface ProcessWide {
  readonly members: Set<Member>;
  readonly attachments: Set<Attachment>;
  /** Gateways with a server of their own, by port. */
  readonly gateways: Map<number, Promise<Server>>;
  /** The reaction to signals, once somebody has asked for one. */
  onSignal: ((signal: NodeJS.Signals) => void) | null;
  readonly signals: Set<NodeJS.Signals>;
  /** Resolves when a signal has closed all; null without one, and where the process is ended behind it. */
  closing: Promise<void> | null;
}

const key = Symbol.for('holdfast.server.process.1');

export function processWide(): ProcessWide {
  const holder = globalThis as { [key]?: ProcessWide };
  holder[key] ??= {
    members: new Set(),
    attachments: new Set(),
    gateways: new Map(),
    onSignal: null,
    signals: new Set(),
    closing: null,
  };
  return holder[key];
}
