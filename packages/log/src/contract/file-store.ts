/**
 * A store of the application's own for the bytes of files: what the `Storage` of `unstorage` has, whose drivers reach
 * file systems, S3 and others. Nothing lists keys or clears folders, which drivers do in ways of their own. Keys are names of letters, digits and `-` between colons.
 */
export interface FileStore {
  /** Stores bytes under a key, in the place of others. */
  setItemRaw(key: string, value: Uint8Array): Promise<unknown>;
  /** The bytes of a key: a list of bytes or an `ArrayBuffer`. `null` or `undefined` where there are none. */
  getItemRaw(key: string): Promise<unknown>;
  /** Removes a key, if it is there. */
  removeItem(key: string): Promise<unknown>;
}
