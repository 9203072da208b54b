import { type Changes, createChanges } from '../changes.ts';

/** Records that are kept, and characters of each: a panel that is open for a day must not fill the page. */
const mostRecords = 300;
const mostText = 4_000;

/** Something that was seen on the wire. */
export interface WireRecord {
  readonly number: number;
  /** Milliseconds since the panel was made. */
  readonly at: number;
  /** `up`: a frame of this client. `down`: one of the server. `request`: an HTTP request, when it was answered. */
  readonly way: 'up' | 'down' | 'request';
  /** The type of a frame, or the method, path and outcome of a request. */
  readonly name: string;
  readonly session: string | undefined;
  readonly bytes: number;
  /** The beginning of it. */
  readonly text: string;
}

export interface Records extends Pick<Changes, 'subscribe'> {
  readonly all: readonly WireRecord[];
  /** Ids of the sessions that frames have named. */
  readonly sessions: ReadonlySet<string>;
  frame(way: 'up' | 'down', text: unknown): void;
  request(name: string): void;
  clear(): void;
}

interface Frame {
  readonly t?: unknown;
  readonly s?: unknown;
}

function parsed(text: string): Frame {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === 'object' && frame !== null ? frame : {};
  } catch {
    return {};
  }
}

/** Tokens and signatures of files' addresses are never kept, so that a picture of the panel can be shown to anybody. */
const withoutCredentials = (text: string): string =>
  text.replace(/"token":"(?:[^"\\]|\\.)*"/g, '"token":"…"').replace(/&s=[\w-]{43}/g, '&s=…');

export function createRecords(now: () => number): Records {
  const changes = createChanges();
  const begun = now();
  const sessions = new Set<string>();
  let all: WireRecord[] = [];
  let number = 0;

  function add(record: Omit<WireRecord, 'number' | 'at'>): void {
    number += 1;
    all = [...all.slice(1 - mostRecords), { ...record, number, at: now() - begun }];
    changes.notify();
  }

  return {
    subscribe: changes.subscribe,
    get all() {
      return all;
    },
    sessions,
    frame(way, data) {
      const text = String(data);
      const { t, s } = parsed(text);
      const session = typeof s === 'string' ? s : undefined;
      if (session !== undefined) sessions.add(session);
      add({
        way,
        name: typeof t === 'string' ? t : 'unreadable',
        session,
        bytes: new TextEncoder().encode(text).length,
        text: withoutCredentials(text).slice(0, mostText),
      });
    },
    request: (name) => add({ way: 'request', name, session: undefined, bytes: 0, text: '' }),
    clear() {
      all = [];
      changes.notify();
    },
  };
}
