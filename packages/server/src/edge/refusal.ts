import type { ErrorCode } from '@holdfast/protocol';

/** An answer in the form of all errors, for statuses that no error code has. */
export function refusal(
  status: number,
  { code, message }: { readonly code: ErrorCode; readonly message: string },
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(
    { error: { code, message } },
    { status, headers: { 'cache-control': 'no-store', ...headers } },
  );
}

/** The answer to a request that could not be converted. */
export const unreadable = (status: number): Response =>
  status === 400
    ? refusal(400, {
        code: 'bad_request',
        message: 'unable to read the request: its target, host or headers have no valid form',
      })
    : refusal(status, {
        code: 'not_found',
        message: 'unable to answer: this method is not served',
      });
