import type { Chunk, RunInfo } from '@holdfast/protocol';
import { createReader, type Interest, type Reader } from '../../src/session/reader.ts';
import { createTranscript, type Transcript } from '../../src/session/transcript.ts';

export const start = (run: string, more: object = {}): object => ({
  k: 'run-start',
  run,
  attempt: 1,
  agent: 'a',
  messageId: 'M',
  command: `c-${run}`,
  ...more,
});
export const text = (delta: string): Chunk => ({ type: 'text-delta', id: 't', delta });
export const chunks = (run: string, c: unknown, attempt = 1): object => ({
  k: 'chunks',
  run,
  attempt,
  c,
});
export const end = (run: string, outcome = 'finished', more: object = {}): object => ({
  k: 'run-end',
  run,
  attempt: 1,
  outcome,
  ...more,
});
export const message = (id: string): object => ({
  k: 'message',
  message: { id, role: 'user', parts: [] },
});

export function played({ isWatched = false }: { isWatched?: boolean | undefined } = {}): {
  transcript: Transcript;
  attach: (interest?: Partial<Interest>) => Reader;
  apply: (...entries: readonly object[]) => void;
  errors: unknown[];
} {
  const errors: unknown[] = [];
  const transcript = createTranscript(
    (error) => errors.push(error),
    () => isWatched,
  );
  const attach = (interest: Partial<Interest> = {}): Reader => {
    const reader = createReader({ messageId: 'M', run: null, ...interest }, () => {});
    transcript.attach(reader);
    return reader;
  };
  const apply = (...entries: readonly object[]): void => {
    for (const entry of entries) transcript.apply(entry as Record<string, unknown>);
  };
  return { transcript, attach, apply, errors };
}

/** All that a reader was given so far, and how it ended. */
export async function read(reader: Reader): Promise<readonly unknown[]> {
  const got: unknown[] = [];
  // A replay of calls waits for it.
  await import('../../src/session/replay.ts');
  const stream = reader.stream.getReader();
  for (;;) {
    const next = await Promise.race([
      stream.read().catch((error: Error) => ({ error })),
      new Promise<null>((resolve) => setImmediate(resolve, null)),
    ]);
    if (next === null) break;
    if ('error' in next) {
      got.push((next.error as { code?: string }).code ?? next.error.name);
      break;
    }
    if (next.done) {
      got.push('end');
      break;
    }
    got.push(next.value);
  }
  return got;
}

export const infoOf = (
  run: string,
  state: RunInfo['state'] = 'running',
  more: object = {},
): RunInfo => ({
  run,
  attempt: 1,
  agent: 'a',
  messageId: 'M',
  command: `c-${run}`,
  state,
  ...more,
});
