import type { Message, SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { ChatTransportOptions } from '../contract/options.ts';
import type { resolve } from '../resolvable.ts';
import type { Completed, SentCall } from './completed.ts';
import type { headersOf } from './route.ts';

/** What the page has already. */
export interface PreparedPorts {
  readonly headersOf: typeof headersOf;
  readonly resolve: typeof resolve;
}

type PreparedOptions<M extends UIMessage> = Pick<
  ChatTransportOptions<M>,
  'credentials' | 'headers' | 'prepareSendMessagesRequest'
> & { readonly api: string };

/**
 * A send as the application's hook has it, which is called as the SDK's own transport does. Rejects with what it
 * throws.
 */
export async function prepared<M extends UIMessage>(
  { request, call }: Completed & { readonly call: SentCall },
  options: PreparedOptions<M>,
  { headersOf, resolve }: PreparedPorts,
): Promise<Completed> {
  const instead = await options.prepareSendMessagesRequest?.({
    api: options.api,
    id: request.id,
    messages: (call.messages ?? [request.message]) as M[],
    body: request.body ?? {},
    headers: await headersOf(options, call),
    credentials: await resolve(options.credentials),
    requestMetadata: request.metadata,
    trigger: request.trigger,
    messageId: call.messageId,
  });
  let { message, body } = request;
  if (instead?.body) {
    const {
      id,
      messages,
      message: last,
      trigger,
      messageId,
      ...own
    } = instead.body as PreparedBody;
    body = Object.keys(own).length > 0 ? own : undefined;
    const isNew = (each: Message | null | undefined) => message && each?.id === message.id;
    message = [last, messages?.at?.(-1)].find(isNew) ?? message;
  }
  const { api, credentials, headers } = instead ?? {};
  return {
    request: { ...request, message, body } as SendRequest,
    call: {
      ...call,
      headers: headers ? undefined : call.headers,
      instead: {
        api: api ?? options.api,
        credentials: credentials ?? options.credentials,
        headers: headers ?? options.headers,
      },
    },
  };
}

/** As an application's hook may return it. */
type PreparedBody = Record<string, unknown> & {
  readonly message?: Message | null;
  readonly messages?: { at?(place: number): Message | undefined } | null;
};
