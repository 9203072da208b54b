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
  readonly stored: () => Promise<void> | undefined;
}

export function createComplete<M extends UIMessage>(options: CompleteOptions<M>): Complete {
  return async (send, call) => {
    await options.stored();
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
    const parts: Parts = prepared?.body ? partsOf(prepared.body, send.message) : { own: body };
    const own = Object.keys(parts.own).length > 0 ? parts.own : undefined;
    return {
      request: { ...send, ...parts.new, metadata, body: own },
      call: { headers: call.headers, instead: prepared },
    };
  };
}

/** As an application's hook may return it. */
type PreparedBody = Record<string, unknown> & {
  readonly message?: Message | null;
  readonly messages?: { at?(place: number): Message | undefined } | null;
};

interface Parts {
  /** What of a body is the application's own. */
  readonly own: Record<string, unknown>;
  /** The new message as the body has it. */
  readonly new?: Pick<SendRequest, 'message'> | null | undefined;
}

function partsOf(body: object, asked: Message | undefined): Parts {
  const { id, messages, message, trigger, messageId, ...own } = body as PreparedBody;
  const known = [message, messages?.at?.(-1)].find((each) => asked && each?.id === asked.id);
  return { own, new: known && { message: known } };
}
