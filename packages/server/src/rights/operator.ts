import { HoldfastError, isRecord } from '@holdfast/protocol';
import type { Admitted } from '../contract/participant.ts';

/**
 * Shared by all copies of this module in a process, of which Next.js loads several. No row of a database and no
 * JSON can hold it.
 */
const mark: unique symbol = Symbol.for('holdfast.operator') as never;

/**
 * Makes whom `authorize` lets in an operator, who may take the agents' place: `return asOperator({ id: user.id })`.
 * Nothing else that `authorize` returns does. What it gives keeps its mark through a spread, and loses it through
 * JSON, so call it behind a cache. Throws `bad_request` for what is no object.
 */
export function asOperator<ADMITTED extends Admitted>(admitted: ADMITTED): ADMITTED {
  if (isRecord(admitted)) return { ...admitted, [mark]: true };
  throw new HoldfastError(
    'bad_request',
    'unable to make an operator: what it was given is no object; give { id }',
  );
}

export const isOperator = (given: object): boolean => Reflect.get(given, mark) === true;
