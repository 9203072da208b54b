import type { SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { ChatTransportOptions } from '../contract/options.ts';
import { resolve } from '../resolvable.ts';
import type { Completed, SentCall } from './completed.ts';
import type { prepared } from './prepared.ts';
import { headersOf } from './route.ts';

/**
 * Puts the options of the transport and of the call into a send. Rejects with what the application's hook throws, and
 * with an `AbortError` when the signal fires before what calls the hook is loaded.
 */
export type Complete = (
  send: SendRequest,
  call: SentCall,
  signal?: AbortSignal,
) => Promise<Completed>;

export interface CompleteOptions<M extends UIMessage>
  extends Pick<
    ChatTransportOptions<M>,
    'body' | 'credentials' | 'headers' | 'metadata' | 'prepareSendMessagesRequest'
  > {
  readonly api: string;
  /** Resolves when the sends of an earlier page are on their way, which were made before. */
  readonly stored: (() => Promise<unknown>) | undefined;
  /** Loads what calls the application's hook. */
  readonly load: (signal?: AbortSignal) => Promise<{ readonly prepared: typeof prepared }>;
}

export function createComplete<M extends UIMessage>(options: CompleteOptions<M>): Complete {
  return async (send, call, signal) => {
    await options.stored?.();
    const metadata = call.metadata ?? (await resolve(options.metadata));
    const own = { ...(await resolve(options.body)), ...call.body };
    const body = Object.keys(own).length > 0 ? own : undefined;
    const completed = { request: { ...send, metadata, body }, call };
    return options.prepareSendMessagesRequest
      ? (await options.load(signal)).prepared(completed, options, { headersOf, resolve })
      : completed;
  };
}
