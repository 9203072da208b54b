const lastMs = 1_000;

/** The first delay of a feed's loops (PROTOCOL.md section 15), in ms. */
export const firstDelayMs = 50;

/** The delay behind one of so many ms: they double, up to 1 s. */
export const nextDelayMs = (ms: number): number => Math.min(ms * 2, lastMs);
