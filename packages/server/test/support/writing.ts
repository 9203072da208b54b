import type { NewEntry, SendOutcome, SessionLog } from '@holdfast/log';
import { type Entry, HoldfastError } from '@holdfast/protocol';
import { expect } from 'vitest';
import { type Environment, systemEnvironment } from '../../src/environment.ts';
import { RunWriter, type WriterOptions } from '../../src/runs/writer.ts';
import type { LosingLog } from './failover.ts';

export const session = 's';
export const run = 'r';

/** Time goes on only where somebody waits. */
export function standing(): Environment & { readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
    now += ms;
  };
  return { ...systemEnvironment, now: () => now, wait, waits };
}

export const note = (nonce: number, entry: object): NewEntry => ({
  nonce,
  body: JSON.stringify(entry),
});
export const startOf = (attempt: number): Entry =>
  ({ k: 'run-start', run, attempt, agent: 'a', messageId: 'm', command: 'c', at: 0 }) as Entry;
export const word = (delta: string): Entry => ({
  k: 'chunks',
  run,
  attempt: 1,
  c: [{ type: 'text-delta', id: 't', delta }],
});
export const unavailable = (): HoldfastError =>
  new HoldfastError('unavailable', 'unable to reach the log: cut');

/** The run's start, as its send writes it. */
export const start = (log: SessionLog): Promise<SendOutcome> =>
  log.send(session, {
    command: 'c',
    entries: [note(1, startOf(1))],
    run: { run, info: '{}', leaseMs: 60_000, stopped: note(2, {}) },
  });

export function writerOn(
  log: SessionLog,
  options: Partial<WriterOptions> = {},
): {
  writer: RunWriter;
  events: string[];
  environment: Environment & {
    readonly waits: number[];
  };
} {
  const events: string[] = [];
  const environment = standing();
  const writer = new RunWriter({
    log,
    session,
    run,
    attempt: 1,
    limits: { retryForMs: 10_000, runBufferBytes: 1_000_000 },
    environment,
    restart: async () => {
      events.push('restart');
      await start(log);
      return true;
    },
    onCancelled: () => events.push('cancelled'),
    onWritten: (bytes) => events.push(`${bytes}`),
    ...options,
  });
  return { writer, events, environment };
}

export const wordsOf = (losing: LosingLog): string =>
  losing
    .entries(session)
    .flatMap(({ entry }) => (entry?.k === 'chunks' ? entry.c : []))
    .map(({ delta }) => delta)
    .join('');

export const say = async (writer: RunWriter, words: string): Promise<void> => {
  for (const each of words) expect(await writer.write(word(each))).toBe('written');
};
