/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const one = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * The one range that a request asks for; null where it asks for none, for several, in a form that nobody knows, or
 * for a part of another file: then the whole is the answer.
 */
export function rangeOf(
  headers: Headers,
  bytes: number,
  etag: string,
): ByteRange | 'unsatisfiable' | null {
  const [whole, first = '', last = ''] = one.exec(headers.get('range') ?? '') ?? [];
  const condition = headers.get('if-range');
  if (whole === undefined || (condition !== null && condition !== etag)) return null;
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < start) return null;
  return start < end ? { start, end } : 'unsatisfiable';
}
