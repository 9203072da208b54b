export { type AsyncOutboxOptions, type AsyncStorageModule, asyncOutbox } from './async-outbox.ts';
export {
  type AppStateModule,
  type NativeEnvironment,
  type NativeModules,
  type NetInfoModule,
  type NetworkState,
  nativeEnvironment,
} from './environment.ts';
