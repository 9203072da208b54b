import type { HoldfastError, Message } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Changes } from '../changes.ts';
import type { SessionPage } from '../contract/transport.ts';
import type { SyncContext } from './context.ts';
import type { Show } from './showing.ts';

// Loaded with the first page of older messages, or when those that are shown need other addresses. It imports nothing that the page has already, so that it is one piece
// for every bundler.

/** A page is asked for again when its cursor is no good any more, this often at most. */
const tries = 3;

export interface OlderPorts<UI_MESSAGE extends UIMessage> {
  /** Looked at whenever the model was told something. */
  readonly until: Changes['until'];
  readonly isStopped: () => boolean;
  readonly show: Show<UI_MESSAGE>;
}

/** Puts a page in front; resolves with whether there is more. */
export async function loadOlder<UI_MESSAGE extends UIMessage>(
  { chat: { id }, transport, session, model }: SyncContext<UI_MESSAGE>,
  { until, isStopped }: OlderPorts<UI_MESSAGE>,
  limit: number | undefined,
): Promise<boolean> {
  /**
   * Reads the session anew; resolves once that is done, or nobody waits for it any more. Rejects where it is refused: no
   * snapshot comes then.
   */
  async function startOver(): Promise<void> {
    const { snapshots } = model;
    session.startOver();
    let end = (): void => {};
    const refused = new Promise<never>((_, reject) => {
      const look = (): void => {
        try {
          session.check();
        } catch (error) {
          // An outage is waited out.
          if ((error as HoldfastError).code !== 'unavailable') reject(error);
        }
      };
      end = session.subscribe(look);
      look();
    });
    try {
      await Promise.race([until(() => isStopped() || model.snapshots > snapshots), refused]);
    } finally {
      end();
    }
  }

  for (let left = tries; left > 0; left--) {
    const cursor = model.before;
    if (cursor === null || isStopped()) return false;
    let page: SessionPage;
    try {
      page = await transport.page(id, cursor, limit);
    } catch (error) {
      const { code } = error as HoldfastError;
      // The cursor's message was cut off, or the session is another one.
      if ((code !== 'conflict' && code !== 'bad_request') || isStopped()) throw error;
      if (model.before === cursor) await startOver();
      continue;
    }
    if (isStopped()) return false;
    // Only what is next to the messages that are held closes up with them.
    if (model.before !== cursor) continue;
    model.prepend(page.messages as unknown as readonly Message[], page.before, page.authors);
    return page.before !== null;
  }
  return model.before !== null;
}

/** What a server puts behind the address of a file that it signs (HF-FILE-8). */
const signature = /(\/files\/[\w-]{43}\?(?:.*&)?)u=\d+&p=[^&]*&s=[\w-]{43}$/;

/** Shows files under the addresses that the session has now, also those in front of what its snapshot brings. */
export async function signAnew<UI_MESSAGE extends UIMessage>(
  { session }: SyncContext<UI_MESSAGE>,
  { isStopped, show }: OlderPorts<UI_MESSAGE>,
): Promise<void> {
  if (isStopped()) return;
  let isShown = false;
  show((live) => {
    const next = signed(live, session.query ?? '');
    isShown ||= next !== live;
    return next;
  });
  // These addresses end as well. A snapshot without a file plans no renewal; what is settled does, and be it nothing.
  if (isShown) await session.fetched([]);
}

/** The messages with another signature behind the addresses of their files; the list itself where none has one. */
function signed<UI_MESSAGE extends UIMessage>(
  messages: readonly UI_MESSAGE[],
  query: string,
): readonly UI_MESSAGE[] {
  const next = messages.map((message) => {
    const parts = message.parts.map((part) => {
      if (part.type !== 'file') return part;
      const url = part.url.replace(signature, (_, address: string) => address + query);
      return url === part.url ? part : { ...part, url };
    });
    return parts.every((part, at) => part === message.parts[at]) ? message : { ...message, parts };
  });
  return next.every((message, at) => message === messages[at]) ? messages : next;
}
