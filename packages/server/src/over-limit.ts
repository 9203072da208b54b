import { type ErrorCode, HoldfastError, type Limits } from '@holdfast/protocol';
import type { Report } from './contract/options.ts';

const options = new WeakMap<Error, keyof Limits>();

/** The error of who met a limit. Its words are for a user; which option it is, whoever runs the server is told. */
export function overLimit(option: keyof Limits, code: ErrorCode, words: string): HoldfastError {
  const error = new HoldfastError(code, words);
  options.set(error, option);
  return error;
}

/** Tells of each limit once that somebody met: any client can meet one as often as it likes. */
export class MetLimits {
  readonly #report: Report;
  readonly #limits: Limits;
  readonly #told = new Set<keyof Limits>();

  constructor(report: Report, limits: Limits) {
    this.#report = report;
    this.#limits = limits;
  }

  tell(error: HoldfastError): void {
    const option = options.get(error);
    if (option === undefined || this.#told.has(option)) return;
    this.#told.add(option);
    const words = `a client was refused by \`limits.${option}\`, which is ${this.#limits[option]}; raise it in createHoldfast where your users need more. This is told once`;
    this.#report(new HoldfastError(error.code, `unable to take a request: ${words}`), {});
  }
}

const kilo = 1_024;

/** A size as people say it; a limit is rounded down, so that what has that size passes. */
export function inWords(bytes: number, round: 'up' | 'down' = 'up'): string {
  const to = round === 'up' ? Math.ceil : Math.floor;
  if (bytes < kilo * kilo) return `${Math.max(round === 'up' ? 1 : 0, to(bytes / kilo))} KB`;
  return `${to((bytes / kilo / kilo) * 10) / 10} MB`;
}
