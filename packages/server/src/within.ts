/** What the application promised, or a rejection when that takes longer than `ms`. */
export async function within<T>(work: T | PromiseLike<T>, ms: number, name: string): Promise<T> {
  if (!isPending(work)) return work;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${name} took longer than ${ms} ms`)), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

const isPending = <T>(work: T | PromiseLike<T>): work is PromiseLike<T> =>
  typeof work === 'object' && work !== null && 'then' in work;
