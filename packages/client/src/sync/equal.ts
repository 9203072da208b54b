/** True when two JSON values are the same, in the order of their members too; `undefined` ones count as absent. */
export const isEqual = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);
