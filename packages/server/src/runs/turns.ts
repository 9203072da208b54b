let end: Promise<void> | null = null;

/** Resolves behind what runs now and all promises that this settles, before the process looks for anything else. */
export const endOfTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** Resolves at the end of this turn of the event loop, for all who ask in it: by one immediate, however many ask. */
export function endOfTurn(): Promise<void> {
  end ??= new Promise((resolve) => {
    setImmediate(() => {
      end = null;
      resolve();
    });
  });
  return end;
}
