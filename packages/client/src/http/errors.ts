import { type ErrorCode, errorCodes, HoldfastError, isRecord } from '@holdfast/protocol';

const codeOf = (status: number): ErrorCode => {
  if (status === 429) return 'rate';
  const known = Object.entries(errorCodes).find(([, code]) => code.status === status);
  if (known) return known[0] as ErrorCode;
  return status >= 500 || status === 408 || status === 425 ? 'unavailable' : 'bad_request';
};

const isCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(errorCodes, value);

/** The error of an answer that is none; the server's own words where it has some. */
export async function errorOf(
  what: string,
  url: string,
  response: Response,
): Promise<HoldfastError> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => null);
  const error = isRecord(body) ? body.error : undefined;
  if (isRecord(error) && isCode(error.code)) {
    const retryMs = typeof error.retryMs === 'number' ? error.retryMs : undefined;
    return new HoldfastError(error.code, String(error.message), { retryMs });
  }
  return new HoldfastError(
    codeOf(status),
    `unable to ${what}: ${url} answered ${status} and not as Holdfast does; check the option "api"`,
  );
}

/** Whether the same request may succeed later. */
export const isPassing = (error: HoldfastError): boolean =>
  errorCodes[error.code].retry === 'after';
