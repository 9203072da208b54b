import type { UIMessage } from 'ai';
import type { ChatTransportOptions } from '../contract/options.ts';
import type { HoldfastChatTransport } from '../contract/transport.ts';
import { createChatTransport } from '../transport/chat-transport.ts';

/** A transport under the name that stock applications have for it. */
export type DefaultChatTransport<UI_MESSAGE extends UIMessage = UIMessage> =
  HoldfastChatTransport<UI_MESSAGE>;

/** What a constructor returns is what `new` gives. */
function transport(options?: ChatTransportOptions): HoldfastChatTransport {
  return createChatTransport(options);
}

/**
 * `createChatTransport` in the form of the AI SDK's class, so that an application that has `new DefaultChatTransport(…)`
 * changes where it imports it from, and nothing else. It takes the options of `createChatTransport`, among them those
 * that stock has; one that has no meaning here is an error of types.
 */
export const DefaultChatTransport: new <UI_MESSAGE extends UIMessage = UIMessage>(
  options?: ChatTransportOptions<UI_MESSAGE>,
) => HoldfastChatTransport<UI_MESSAGE> = transport as never;
