/** Something that a session relies on; see guards.mjs. */
export interface Guard {
  readonly name: string;
  readonly file: string;
  readonly code: string;
  readonly without?: string;
  readonly tests: readonly string[];
}
export const guards: readonly Guard[];
export const variable: string;
export function withoutGuard(guard: Guard): string;
