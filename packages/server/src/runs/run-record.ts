import type { Durability } from '@holdfast/log';
import { HoldfastError, type SendRequest } from '@holdfast/protocol';
import type { Participant } from '../contract/participant.ts';

/** Data that a client adds to a send, or the server to a run, for the agent. */
export type Extras = Pick<SendRequest, 'metadata' | 'body'>;

export const extrasOf = ({ metadata, body }: Extras): Extras => ({
  ...(metadata === undefined ? {} : { metadata }),
  ...(body === undefined ? {} : { body }),
});

/** Record that the log keeps with a live run, as its `info`, for whoever has to end it or to answer a repeated send. */
export interface RunRecord {
  readonly messageId: string;
  readonly agent: string;
  readonly command: string;
  /** As in {@link Execution}. */
  readonly traceparent?: string;
  /** What its entries have to survive, where its send asked for that. */
  readonly durability?: Durability;
  /** The kind of executor, where that is not the process that began it. */
  readonly by?: 'worker' | 'engine';
}

/** Data that another process needs to execute a run; the log keeps it until that has ended. */
export interface RunKeep extends Extras {
  readonly participant: Participant;
  readonly trigger: SendRequest['trigger'];
  readonly parent?: string;
}

/** Undefined where none takes over. */
export const keepOf = (kept: string): RunKeep | undefined =>
  kept === '' ? undefined : (JSON.parse(kept) as RunKeep);

/**
 * The JSON of what is kept of a send for whoever executes its run later. Throws `too_large` when that is
 * more than may be kept.
 */
export function keptText(
  kept: Extras & { readonly participant: Participant },
  keptBytes: number,
): string {
  const text = JSON.stringify(kept);
  if (Buffer.byteLength(text) <= keptBytes) return text;
  const [largest] = (['metadata', 'body', 'participant'] as const)
    .map((part) => ({ part, bytes: Buffer.byteLength(JSON.stringify(kept[part]) ?? '') }))
    .sort((a, b) => b.bytes - a.bytes);
  const what =
    largest?.part === 'participant'
      ? 'what `authorize` says of the participant'
      : `its \`${largest?.part}\``;
  throw new HoldfastError(
    'too_large',
    `unable to send: ${what} is ${largest?.bytes} bytes, and it is kept until the run has ended, for which there are ${keptBytes}; send less`,
  );
}

export const recordText = (record: RunRecord): string => JSON.stringify(record);

export const runRecordOf = (info: string): Partial<RunRecord> =>
  JSON.parse(info) as Partial<RunRecord>;

export function messageIdOf(info: string): string | null {
  const { messageId } = runRecordOf(info);
  return typeof messageId === 'string' ? messageId : null;
}
