/** Words for a message that is there already. */
export interface Edit {
  readonly text: string;
  /** What the message said when they were begun. */
  readonly from: string;
}

/** What was typed in a chat and not sent. */
export interface ChatDrafts {
  /** For a new message. */
  readonly message: string;
  /** By the id of the message that they are to change. */
  readonly edits: Readonly<Record<string, Edit>>;
}

const none: ChatDrafts = { message: '', edits: {} };
const keyOf = (chat: string): string => `holdfast-demo-drafts ${chat}`;

const isEdit = (value: unknown): value is Edit =>
  typeof value === 'object' &&
  value !== null &&
  'text' in value &&
  typeof value.text === 'string' &&
  'from' in value &&
  typeof value.from === 'string';

/** Drafts of one tab. They live above everything on the page, since all of it may be replaced. */
export interface Drafts {
  readonly of: (chat: string) => ChatDrafts;
  readonly onServer: () => ChatDrafts;
  readonly subscribe: (listener: () => void) => () => void;
  readonly setMessage: (chat: string, message: string) => void;
  /** Puts words that could not be sent back, in front of what was typed since. */
  readonly giveBack: (chat: string, text: string) => void;
  /** Null ends it. */
  readonly setEdit: (chat: string, messageId: string, edit: Edit | null) => void;
  readonly forget: (chat: string) => void;
}

/** The storage, which a browser may forbid, is for what outlives the page's scripts. */
export function createDrafts(
  storage: () => Pick<Storage, 'getItem' | 'removeItem' | 'setItem'>,
): Drafts {
  const listeners = new Set<() => void>();
  const known = new Map<string, ChatDrafts>();

  function read(chat: string): ChatDrafts {
    try {
      const stored = JSON.parse(storage().getItem(keyOf(chat)) ?? 'null') as ChatDrafts | null;
      const isOurs =
        typeof stored?.message === 'string' && Object.values(stored.edits).every(isEdit);
      return isOurs ? stored : none;
    } catch {
      // It is forbidden, or holds something else.
      return none;
    }
  }

  function write(chat: string, drafts: ChatDrafts): void {
    const isEmpty = drafts.message === '' && Object.keys(drafts.edits).length === 0;
    known.set(chat, isEmpty ? none : drafts);
    try {
      if (isEmpty) storage().removeItem(keyOf(chat));
      else storage().setItem(keyOf(chat), JSON.stringify(drafts));
    } catch {
      // As above, or full.
    }
    for (const listener of listeners) listener();
  }

  function of(chat: string): ChatDrafts {
    const found = known.get(chat) ?? read(chat);
    known.set(chat, found);
    return found;
  }

  const setMessage = (chat: string, message: string) => write(chat, { ...of(chat), message });
  return {
    of,
    onServer: () => none,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    setMessage,
    giveBack: (chat, text) => {
      const { message } = of(chat);
      setMessage(chat, message.trim() === '' ? text : `${text}\n${message}`);
    },
    setEdit: (chat, messageId, edit) => {
      const { message, edits } = of(chat);
      const { [messageId]: _, ...others } = edits;
      write(chat, { message, edits: edit ? { ...others, [messageId]: edit } : others });
    },
    forget: (chat) => write(chat, none),
  };
}
