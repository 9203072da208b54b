import type { Environment, PageEvents } from '../environment.ts';

/** The part of React Native's `AppState` that is used. */
export interface AppStateModule {
  /** `background` while nobody sees the app; anything else counts as seen. */
  readonly currentState: string | null;
  /** Listens to changes of the state until `remove` is called. */
  addEventListener(
    type: 'change',
    listener: (state: string) => void,
  ): {
    /** Ends the listening. */
    remove(): void;
  };
}

/** The state of the network, as `@react-native-community/netinfo` tells it. */
export interface NetworkState {
  /** Such as `wifi` or `cellular`. */
  readonly type?: string | undefined;
  /** False only when the device is sure. */
  readonly isConnected?: boolean | null | undefined;
  /** A guess of the device; false behind a page that asks to sign in. */
  readonly isInternetReachable?: boolean | null | undefined;
  /** The address in the network is looked at, where there is one. */
  readonly details?: unknown;
}

/** The part of NetInfo that is used. */
export interface NetInfoModule {
  /** Calls the listener with the present state, soon, and with each change; returns what ends that. */
  addEventListener(listener: (state: NetworkState) => void): () => void;
}

/** The modules of React Native that a client looks at; an app passes its own. */
export interface NativeModules {
  /** `AppState` of `react-native`. */
  readonly AppState: AppStateModule;
  /**
   * The default export of `@react-native-community/netinfo`. Without it a lost network is noticed by its
   * silence, and a new one when the app comes to the front or at the next try.
   */
  readonly NetInfo?: NetInfoModule | undefined;
  /**
   * `expo-crypto`, or another module that makes UUIDs of random numbers that nobody can guess. Without it
   * ids are only unlikely to meet, unless the app has a global `crypto.getRandomValues`.
   */
  readonly Crypto?:
    | {
        /** A fresh UUID of version 4. */
        randomUUID(): string;
      }
    | undefined;
}

/** What of the surroundings is React Native's; the rest is as everywhere. */
export type NativeEnvironment = Pick<Environment, 'page'> & Partial<Pick<Environment, 'mintId'>>;

/**
 * The option `environment` of `createChatTransport` for React Native. In the background an app opens no
 * sockets; back at the front, and in another network, it looks at once whether its socket still lives.
 * Nothing is listened to before a transport needs it.
 */
export function nativeEnvironment({ AppState, NetInfo, Crypto }: NativeModules): NativeEnvironment {
  const network = NetInfo && createNetwork(NetInfo);
  const page: PageEvents = {
    isOnline: () => network?.isOnline() !== false,
    isVisible: () => AppState.currentState !== 'background',
    listen: ({ wake, offline }) => {
      const changes = AppState.addEventListener('change', (state) => {
        if (state === 'active') wake();
      });
      const end = network?.listen({ wake, offline });
      return () => {
        changes.remove();
        end?.();
      };
    },
  };
  return { page, ...(Crypto && { mintId: () => Crypto.randomUUID() }) };
}

type Listener = Parameters<PageEvents['listen']>[0];

/** One listener to NetInfo, however many a client has; none while there is nothing to hear. */
function createNetwork(NetInfo: NetInfoModule): Pick<PageEvents, 'isOnline' | 'listen'> {
  const listeners = new Set<Listener>();
  /** Null while nobody listens: what was true then may not be any more. */
  let known: NetworkState | null = null;
  let end: (() => void) | undefined;

  function hear(state: NetworkState): void {
    const before = known;
    known = state;
    if (state.isConnected === false) {
      if (before?.isConnected !== false) for (const { offline } of [...listeners]) offline();
      return;
    }
    // The first state is no change. Of the later ones some only say how strong the signal is.
    if (before && placeIn(before) !== placeIn(state)) for (const { wake } of [...listeners]) wake();
  }

  return {
    isOnline: () => known?.isConnected !== false,
    listen: (listener) => {
      // A listener of its own for each call, which the same functions may come in twice.
      const own = { ...listener };
      listeners.add(own);
      end ??= NetInfo.addEventListener(hear);
      return () => {
        if (!listeners.delete(own) || listeners.size > 0) return;
        end?.();
        end = undefined;
        known = null;
      };
    },
  };
}

/** Where a device is in the network: another place means that its connections are gone. */
function placeIn({ type, isConnected, isInternetReachable, details }: NetworkState): string {
  const { ipAddress } = (details ?? {}) as { readonly ipAddress?: unknown };
  return JSON.stringify([type, isConnected !== false, isInternetReachable !== false, ipAddress]);
}
