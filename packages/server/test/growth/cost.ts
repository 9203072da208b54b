/**
 * What an act costs this process, in µs of its CPU: the least of several times, because what else the
 * machine does only ever adds to it. The first time warms up.
 */
export async function costOf(act: () => unknown, times = 3): Promise<number> {
  await act();
  let least = Number.POSITIVE_INFINITY;
  for (let left = times; left > 0; left--) {
    const before = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}

/**
 * How much dearer four times as much is: about 4 when costs are linear, 16 when they are quadratic. Below
 * `floorUs` nothing is said, for then it is cheap whatever it is.
 */
export async function growthOf(
  cost: (size: number) => Promise<number>,
  size: number,
  floorUs = 2_000,
): Promise<number> {
  const [small, large] = [await cost(size), await cost(4 * size)];
  return large / Math.max(small, floorUs);
}

/** Linear costs with room for caches and collections; a quadratic one does not fit. */
export const linear = 8;
