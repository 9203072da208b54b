/** A value, or what gives it anew at each use. */
export type Resolvable<T> = T | PromiseLike<T> | (() => T | PromiseLike<T>);

export async function resolve<T>(value: Resolvable<T>): Promise<T> {
  return await (typeof value === 'function' ? (value as () => T | PromiseLike<T>)() : value);
}
