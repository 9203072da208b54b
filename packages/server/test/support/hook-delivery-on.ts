import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import type { Core } from '../../src/core.ts';
import { systemEnvironment } from '../../src/environment.ts';
import type { Hooks } from '../../src/index.ts';
import { HookDelivery } from '../../src/upkeep/hook-delivery.ts';
import { BackgroundWorker } from '../../src/upkeep/worker.ts';
import { lookMs } from './hooked.ts';
import { changed } from './logs.ts';

/** What a hook delivery needs of a process, on a log. */
export function coreOf(log: SessionLog): Pick<Core, 'fileTexts' | 'hubs'> {
  const core = createCore({ log, authorize: () => ({ id: 'u' }), onError: () => {} });
  onTestFinished(() => core.close());
  const { fileTexts, hubs } = core;
  return { fileTexts, hubs };
}

interface Delivering {
  /** True while somebody else has noted how far it was told. */
  stale: boolean;
  readonly log: SessionLog;
  readonly hookDelivery: HookDelivery;
  readonly reports: readonly { readonly session?: string | undefined }[];
  /** Has the time of the next look come. */
  look(): Promise<void>;
  /** The sessions of which somebody is reminded. */
  isReminded(): Promise<readonly string[]>;
}

/** A hook delivery without the rest of a process, on a log whose time goes on only when it is told to. */
export function hookDeliveryOn(
  hooks: Hooks,
  change: (log: SessionLog) => Partial<SessionLog> = () => ({}),
): Delivering {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  let now = 0;
  const memory = createMemoryLog({ now: () => now });
  const made = { stale: false };
  const inner = changed(memory, {
    checkpoint: async (...given) => (made.stale ? 'stale' : await memory.checkpoint(...given)),
  });
  const log = changed(inner, change(inner));
  const reports: { readonly session?: string | undefined }[] = [];
  const hookDelivery = new HookDelivery({
    log,
    ...coreOf(inner),
    hooks,
    worker: new BackgroundWorker({
      environment: systemEnvironment,
      report: (_, { session }) => reports.push({ session }),
    }),
  });
  onTestFinished(() => hookDelivery.close());
  return Object.assign(made, {
    log: inner,
    hookDelivery,
    reports,
    look: async () => {
      now += 1_000_000;
      await vi.advanceTimersByTimeAsync(lookMs);
    },
    isReminded: async () => {
      now += 1_000_000;
      return (await inner.due('hooks', 99, 0)).map(({ session }) => session);
    },
  });
}

/** Each by a command of its own. */
export async function writeAll(
  log: SessionLog,
  session: string,
  entries: readonly object[],
): Promise<void> {
  for (const entry of entries) {
    const body = JSON.stringify({ ...entry, at: 0 });
    await log.send(session, { command: crypto.randomUUID(), entries: [{ nonce: 1, body }] });
  }
}
