import type { SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { CallOptions } from './route.ts';

/** A send as it travels, and the options under which it does. */
export interface Completed {
  readonly request: SendRequest;
  readonly call: CallOptions;
}

/** A call of the SDK, or what a command has of one. */
export type SentCall = CallOptions & {
  readonly messages?: readonly UIMessage[];
  readonly messageId?: string | undefined;
};
