/** What a look at one thing came to. */
export interface Finding {
  readonly check: string;
  /** `warning`: it works, and something may be lost or refused one day. `refused`: it does not work. */
  readonly state: 'ok' | 'warning' | 'refused';
  readonly says: string;
  /** Where to look first. */
  readonly advice?: string;
}

export const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says });

export const warning = (check: string, says: string, advice: string): Finding => ({
  check,
  state: 'warning',
  says,
  advice,
});

export const refused = (check: string, says: string, advice?: string): Finding => ({
  check,
  state: 'refused',
  says,
  ...(advice === undefined ? {} : { advice }),
});

export const inMs = (ms: number): string => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;

/** The middle one, and the slowest. */
export function timesOf(times: readonly number[]): {
  readonly middle: number;
  readonly slowest: number;
} {
  const sorted = [...times].sort((a, b) => a - b);
  return { middle: sorted[Math.floor(sorted.length / 2)] ?? 0, slowest: sorted.at(-1) ?? 0 };
}
