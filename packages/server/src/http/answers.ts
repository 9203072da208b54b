import { atLeast, type Durability, durabilityText } from '@holdfast/log';
import { errorCodes, HoldfastError, type WireError } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { wireError } from '../wire-error.ts';

export const noStore = { 'cache-control': 'no-store' };

/** Says how long it is: a short one is then written at once. */
export function json(value: unknown, status = 200): Response {
  const body = JSON.stringify(value);
  const length = String(Buffer.byteLength(body));
  const headers = { ...noStore, 'content-type': 'application/json', 'content-length': length };
  return new Response(body, { status, headers });
}

export const empty = (): Response => new Response(null, { status: 204, headers: noStore });

export function errorResponse(core: Core, error: unknown): Response {
  // An error that the application threw may only look like one of ours.
  const known =
    HoldfastError.is(error) && Object.hasOwn(errorCodes, error.code)
      ? error
      : new HoldfastError('internal', 'unable to answer: a fault of the server; try again', {
          cause: error,
          retryMs: 1_000,
        });
  if (known.code === 'internal' || known.code === 'unavailable') core.report(known, {});
  core.metLimits.tell(known);
  return refusedAs(wireError(known));
}

/** The answer to a send, with what that has survived; as it is where the log does not tell. */
export function withDurability(
  answer: Response,
  { log: { durability: has } }: Core,
  asked: Durability | undefined,
): Response {
  if (has === undefined) return answer;
  const all = has === 'memory' || asked === undefined ? has : atLeast(has, asked);
  answer.headers.set('x-holdfast-durability', durabilityText(all));
  return answer;
}

/** The answer to a request that cannot be granted, with the status of its code. */
export function refusedAs(error: WireError): Response {
  const response = json({ error }, errorCodes[error.code].status);
  if (error.retryMs !== undefined)
    response.headers.set('retry-after', String(Math.ceil(error.retryMs / 1_000)));
  return response;
}
