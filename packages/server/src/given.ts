import { HoldfastError } from '@holdfast/protocol';
import type { OnLost } from './contract/options.ts';

/** The decision of the function `onLost`; throws `internal` for what it must not give. */
export function givenOnLost(given: unknown): OnLost {
  if (given === 'fail' || given === 'retry') return given;
  throw new HoldfastError(
    'internal',
    'unable to use what `onLost` gave: it is neither `fail` nor `retry`',
  );
}
