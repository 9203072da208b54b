import type { Chunk, Entry, Outcome, RunEndEntry, SendRequest } from '@holdfast/protocol';
import { type TestServer, userMessage } from './server.ts';

/** A run as a client was told of it. */
export interface RunStory {
  readonly run: string;
  readonly messageId: string;
  readonly chunks: readonly Chunk[];
  readonly outcome: Outcome;
  readonly reason: string | undefined;
  /** The words of its `error` chunk. */
  readonly error: unknown;
}

/** Sends, has `meanwhile` do something, and resolves with what a client was told of the run until its end. */
export async function storyOf(
  server: TestServer,
  id: string,
  text: string,
  {
    meanwhile,
    ...more
  }: Partial<SendRequest> & { readonly meanwhile?: (run: string) => Promise<unknown> } = {},
): Promise<RunStory> {
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: id });
  await client.next('live');
  const message = text === '' ? {} : { message: userMessage(crypto.randomUUID(), text) };
  const { run, messageId } = await server.send({ id, ...message, ...more });
  await meanwhile?.(run);
  await client.until((frame) => frame.t === 'entry' && isEndOf(frame.d, run));
  const bodies = client.entries.map(({ d }) => d);
  client.terminate();
  const chunks = bodies.flatMap((d) => (d.k === 'chunks' && d.run === run ? d.c : []));
  const end = bodies.find((d) => isEndOf(d, run)) as RunEndEntry;
  const error = chunks.find(({ type }) => type === 'error')?.errorText;
  return { run, messageId, chunks, outcome: end.outcome, reason: end.reason, error };
}

const isEndOf = (d: Entry, run: string): d is RunEndEntry => d.k === 'run-end' && d.run === run;
