import type {
  AppStateModule,
  AsyncStorageModule,
  NetInfoModule,
  NetworkState,
} from '@holdfast/client/native';

/** What a phone has of React Native, kept in memory; as there, nothing is told or done at once. */
export interface Phone {
  readonly AppState: AppStateModule;
  readonly NetInfo: NetInfoModule;
  /** Moves the app to the background, to the front, or between both. */
  show(state: 'active' | 'inactive' | 'background'): void;
  /** Moves the phone to another network, or to none. */
  enter(network: NetworkState): void;
  /** How many listen to the app and to the network. */
  readonly listening: { readonly app: number; readonly network: number };
}

export const wifi: NetworkState = {
  type: 'wifi',
  isConnected: true,
  isInternetReachable: true,
  details: { ipAddress: '192.168.0.7', strength: 80 },
};
export const cellular: NetworkState = {
  type: 'cellular',
  isConnected: true,
  isInternetReachable: true,
  details: { carrier: 'one' },
};
export const noNetwork: NetworkState = {
  type: 'none',
  isConnected: false,
  isInternetReachable: false,
  details: null,
};

export function createPhone(network: NetworkState = wifi): Phone {
  const ofApp = new Set<(state: string) => void>();
  const ofNetwork = new Set<(state: NetworkState) => void>();
  let shown = 'active';
  let present = network;
  return {
    AppState: {
      get currentState() {
        return shown;
      },
      addEventListener: (_, listener) => {
        ofApp.add(listener);
        return { remove: () => void ofApp.delete(listener) };
      },
    },
    NetInfo: {
      addEventListener: (listener) => {
        ofNetwork.add(listener);
        queueMicrotask(() => {
          if (ofNetwork.has(listener)) listener(present);
        });
        return () => void ofNetwork.delete(listener);
      },
    },
    show: (state) => {
      shown = state;
      for (const listener of [...ofApp]) listener(state);
    },
    enter: (state) => {
      present = state;
      for (const listener of [...ofNetwork]) listener(state);
    },
    get listening() {
      return { app: ofApp.size, network: ofNetwork.size };
    },
  };
}

/** What a phone keeps when an app is killed. */
export type Disk = Map<string, string>;

/** The AsyncStorage of one process of the app. */
export function openStorage(disk: Disk): AsyncStorageModule {
  const later = async <T>(act: () => T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    return act();
  };
  return {
    getItem: (key) => later(() => disk.get(key) ?? null),
    setItem: (key, value) => later(() => void disk.set(key, value)),
    removeItem: (key) => later(() => void disk.delete(key)),
    getAllKeys: () => later(() => [...disk.keys()]),
  };
}
