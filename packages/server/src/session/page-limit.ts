import { HoldfastError, type Limits } from '@holdfast/protocol';

/** How many messages a page has. Throws `bad_request` for a wish that is no count up to `pageLimit`. */
export function readLimit(
  wish: string | number | null | undefined,
  { pageMessages, pageLimit }: Pick<Limits, 'pageMessages' | 'pageLimit'>,
): number {
  if (wish === null || wish === undefined) return pageMessages;
  const limit = Number(wish);
  if (Number.isInteger(limit) && limit >= 1 && limit <= pageLimit) return limit;
  throw new HoldfastError(
    'bad_request',
    `unable to read the history: the limit must be a whole number of 1 to ${pageLimit}`,
  );
}
