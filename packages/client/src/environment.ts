/** The events of the page or the app that a client runs in. */
export interface PageEvents {
  /** False only when the host is sure; a host that cannot tell counts as online. */
  readonly isOnline: () => boolean;
  /** False while nobody can see the page; a host without pages is always visible. */
  readonly isVisible: () => boolean;
  /**
   * Calls `wake` when the page may have slept (`online`, `visibilitychange` to visible, `pageshow`)
   * and `offline` when the host lost its network. Returns what ends the listening.
   */
  readonly listen: (on: { readonly wake: () => void; readonly offline: () => void }) => () => void;
}

/** Everything a client takes from its surroundings, so that tests can take its place. */
export interface Environment {
  /** Milliseconds since 1970: what an earlier page stored is dated by it, and addresses of files end by it. */
  readonly now: () => number;
  /** A number of 0 to 1, without 1; spreads retries. */
  readonly random: () => number;
  /** Calls `run` after `ms` milliseconds; returns what prevents it. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** A fresh id that nobody can guess, for a command that has no natural one. */
  readonly mintId: () => string;
  /** Events of the page: whether it is seen, and whether it has a network. */
  readonly page: PageEvents;
}

interface Target {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

interface Globals extends Target {
  readonly navigator?: { readonly onLine?: boolean };
  readonly document?: Target & { readonly visibilityState?: string };
  readonly crypto?: { getRandomValues?(numbers: Uint32Array): Uint32Array };
}

/** The globals of a browser; in Node and React Native most are absent and nothing is listened to. */
const globals = globalThis as Globals;

const isVisible = (): boolean => globals.document?.visibilityState !== 'hidden';

const browserPage: PageEvents = {
  isOnline: () => globals.navigator?.onLine !== false,
  isVisible,
  listen: ({ wake, offline }) => {
    const shown = (): void => {
      if (isVisible()) wake();
    };
    const each = (act: 'addEventListener' | 'removeEventListener'): void => {
      globals[act]?.('online', wake);
      globals[act]?.('pageshow', wake);
      globals[act]?.('offline', offline);
      globals.document?.[act]?.('visibilitychange', shown);
    };
    each('addEventListener');
    return () => each('removeEventListener');
  },
};

/**
 * 128 random bits that nobody can guess, as four numbers. Not `crypto.randomUUID`: insecure pages have none. React
 * Native has neither without a polyfill; ids are then only unlikely to meet.
 */
function mintId(): string {
  const none = new Uint32Array(4);
  const numbers =
    globals.crypto?.getRandomValues?.(none) ?? none.map(() => Math.random() * 2 ** 32);
  return numbers.join('-');
}

/** Looks globals up at each use, so that fake timers and late polyfills take effect. */
export const defaultEnvironment: Environment = {
  now: () => Date.now(),
  random: () => Math.random(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  mintId,
  page: browserPage,
};
