import type { SessionTransport } from '@holdfast/client/react';

type Claim = SessionTransport['claim'];
type Call = Parameters<Claim>[1];

/** How long the other browsers leave a call to the one that asked, in ms. */
const courtesyMs = 1_500;

/** What a page knows of its chat. */
export interface Asked {
  /** Whether this browser has asked the last question. */
  readonly here: () => boolean;
  /** Whether the call still stands open. */
  readonly isOpen: (call: Call) => boolean;
}

/**
 * The transport, for a browser that lets another one execute a client tool where that one asked: nobody is
 * asked on their phone for what they wanted at their desk. What is not taken by then is anybody's.
 */
export const askerFirst = <T extends SessionTransport>(
  transport: T,
  asked: Asked,
  wait = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms)),
): T => ({
  ...transport,
  claim: async (chatId: string, call: Call): ReturnType<Claim> => {
    if (!call.release && !asked.here()) {
      await wait(courtesyMs);
      if (!asked.isOpen(call)) return { state: 'settled' };
    }
    return await transport.claim(chatId, call);
  },
});
