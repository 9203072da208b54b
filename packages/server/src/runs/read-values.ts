/** A stream of values that is read one after the other. */
export type Values = Pick<AsyncIterator<unknown>, 'next' | 'return'>;

const isStream = (
  source: AsyncIterable<unknown>,
): source is AsyncIterable<unknown> & ReadableStream => source instanceof ReadableStream;

/** A stream by its reader: its iterator would make several promises for each value, and wait for the next one to end. */
export function valuesOf(source: AsyncIterable<unknown>): Values {
  if (!isStream(source)) return source[Symbol.asyncIterator]();
  const reader = source.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown>>,
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

export interface ValueReader {
  /** The next value is waited for. */
  onAsk(): void;
  /** There it is, or the end. */
  onAnswer(): void;
  /** Takes it: whether to go on, or a promise of it that is waited for. */
  take(value: unknown): boolean | Promise<boolean>;
}

/**
 * Reads until the end, or until no more is taken. Rejects as the stream or who takes does. For each value it makes
 * what its stream makes, and one promise.
 */
export function readValues(values: Values, { onAsk, onAnswer, take }: ValueReader): Promise<void> {
  return new Promise((resolve, reject) => {
    const goOn = (isWanted: boolean): void => {
      if (isWanted) ask();
      else resolve();
    };
    const answered = ({ done, value }: IteratorResult<unknown>): void => {
      onAnswer();
      try {
        const isWanted = !done && take(value);
        if (typeof isWanted === 'boolean') goOn(isWanted);
        else isWanted.then(goOn).catch(reject);
      } catch (error) {
        reject(error);
      }
    };
    const ask = (): void => {
      onAsk();
      values.next().then(answered, reject);
    };
    ask();
  });
}

/** Not awaited, since an agent that hangs must not hold the end of its run; throws nothing, whatever the iterator does. */
export const leave = (values: Values): void => {
  void (async () => values.return?.())().catch(() => {});
};
