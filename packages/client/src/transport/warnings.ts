/**
 * The default of `onError`: warns of each kind of fault once. Its words are fetched when there is a fault, so
 * that no page carries them that works; without them the fault itself is told.
 */
export function warnings(address: () => string): (error: unknown) => void {
  const kinds = new Set<string>();
  return (error) =>
    void import('../faults.ts').then(
      ({ warn }) => warn(error, kinds, address),
      // biome-ignore lint/suspicious/noConsole: the documented default of the option `onError`
      () => console.warn('holdfast:', error),
    );
}
