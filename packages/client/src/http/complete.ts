import type { Message, SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { ChatTransportOptions } from '../contract/options.ts';
import { resolve } from '../resolvable.ts';
import { type CallOptions, headersOf } from './route.ts';

/** A send as it travels, and the options under which it does. */
export interface Completed {
  readonly request: SendRequest;
  readonly call: CallOptions;
}

/** Puts the options of the transport and of the call into a send. Rejects with what the application's hook throws. */
export type Complete = (send: SendRequest, call: SentCall) => Promise<Completed>;

/** A call of the SDK, or what a command has of one. */
type SentCall = CallOptions & {
  readonly messages?: readonly UIMessage[];
  readonly messageId?: string | undefined;
};

export interface CompleteOptions<M extends UIMessage>
  extends Pick<
    ChatTransportOptions<M>,
    'body' | 'credentials' | 'headers' | 'metadata' | 'prepareSendMessagesRequest'
  > {
  readonly api: string;
  /** Resolves when the sends of an earlier page are on their way, which were made before. */
  readonly stored: (() => Promise<unknown>) | undefined;
}

export function createComplete<M extends UIMessage>(options: CompleteOptions<M>): Complete {
  return async (send, call) => {
    await options.stored?.();
    const metadata = call.metadata ?? (await resolve(options.metadata));
    const body = { ...(await resolve(options.body)), ...call.body };
    const prepared = await options.prepareSendMessagesRequest?.({
      api: options.api,
      id: send.id,
      messages: (call.messages ?? [send.message]) as M[],
      body,
      headers: await headersOf(options, call),
      credentials: await resolve(options.credentials),
      requestMetadata: metadata,
      trigger: send.trigger,
      messageId: call.messageId,
    });
    let own: Record<string, unknown> = body;
    let { message } = send;
    if (prepared?.body) {
      const {
        id,
        messages,
        message: last,
        trigger,
        messageId,
        ...rest
      } = prepared.body as PreparedBody;
      own = rest;
      const isNew = (each: Message | null | undefined) => message && each?.id === message.id;
      message = [last, messages?.at?.(-1)].find(isNew) ?? message;
    }
    return {
      request: {
        ...send,
        message,
        metadata,
        body: Object.keys(own).length > 0 ? own : undefined,
      } as SendRequest,
      call: { ...call, instead: prepared },
    };
  };
}

/** As an application's hook may return it. */
type PreparedBody = Record<string, unknown> & {
  readonly message?: Message | null;
  readonly messages?: { at?(place: number): Message | undefined } | null;
};
