/** What a model, a tool or a client does next; the usual ones stand here more than once. */
export const kinds = [
  'text-start',
  'text-delta',
  'text-delta',
  'text-delta',
  'text-end',
  'reasoning-start',
  'reasoning-delta',
  'reasoning-delta',
  'reasoning-end',
  'tool-input-start',
  'tool-input-delta',
  'tool-input-delta',
  'tool-input-available',
  'tool-input-error',
  'tool-output-available',
  'tool-output-preliminary',
  'tool-output-error',
  'tool-approval-request',
  'tool-approval-response',
  'tool-output-denied',
  'data',
  'data',
  'data-anonymous',
  'data-transient',
  'attachment',
  'message-metadata',
  'unknown',
  'start-step',
  'finish-step',
  'reset-step',
  'continue',
  'other-message',
  'ending',
] as const;

/** One thing that a model, a tool or a client may do next; which part it concerns is `n`. */
export interface Act {
  readonly kind: (typeof kinds)[number];
  readonly n: number;
  readonly text: string;
  readonly json: unknown;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly flag: boolean;
}

export interface ValidChunksOptions {
  /** Parts may stay open behind the end of a step, which the SDK allows from its version 7 on. */
  readonly acrossSteps: boolean;
}
