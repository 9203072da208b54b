export { createEncryptedLog } from './encrypted-log.ts';
export { checkKeys, type EncryptionKey, type EncryptionOptions } from './key-ring.ts';
