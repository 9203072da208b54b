import type { Environment } from './environment.ts';

/**
 * The result of the work, or of `late` when the work takes longer than `ms`. The process stays alive
 * until then, and no timer is left behind.
 */
export async function within<T>(
  { after }: Pick<Environment, 'after'>,
  ms: number,
  work: T | PromiseLike<T>,
  late: () => T,
): Promise<T> {
  if (!isPending(work)) return work;
  let settle = () => {};
  const over = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const cancel = after(ms, settle, { ref: true });
  try {
    return await Promise.race([work, over.then(late)]);
  } finally {
    cancel();
  }
}

const isPending = <T>(work: T | PromiseLike<T>): work is PromiseLike<T> =>
  typeof work === 'object' && work !== null && 'then' in work;

/** Waits for work no longer than that, whatever comes of it later. Rejects as it does meanwhile. */
export const atMost = (
  environment: Pick<Environment, 'after'>,
  ms: number,
  work: Promise<unknown>,
): Promise<void> =>
  within(
    environment,
    ms,
    work.then(() => {}),
    () => {},
  );
