export { createEncryptedLog } from './encrypted-log.ts';
export type { EncryptionKey, EncryptionOptions } from './key-ring.ts';
