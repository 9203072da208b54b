import { BackgroundWorker } from '../../src/upkeep/worker.ts';
import { type ManualTime, manualTime } from './manual-time.ts';

interface Worked {
  readonly worker: BackgroundWorker;
  /** What it reported: the message of each error, and whose it was. */
  readonly reports: unknown[];
  readonly time: ManualTime;
}

export function workerOn(time: ManualTime = manualTime()): Worked {
  const reports: unknown[] = [];
  const worker = new BackgroundWorker({
    environment: time.environment,
    report: (error, where) => reports.push([(error as Error).message, where]),
  });
  return { worker, reports, time };
}

export const turn = (): Promise<unknown> => new Promise(setImmediate);

interface Gated {
  readonly pass: () => Promise<void>;
  readonly begun: number;
  readonly end: () => Promise<void>;
}

/** Work that ends when it is told to. */
export function gated(): Gated {
  const gates: PromiseWithResolvers<void>[] = [];
  const pass = async () => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
  };
  return {
    pass,
    get begun() {
      return gates.length;
    },
    end: async () => {
      gates.at(-1)?.resolve();
      await turn();
    },
  };
}
