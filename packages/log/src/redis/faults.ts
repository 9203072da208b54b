import { HoldfastError } from '@holdfast/protocol';

/** Answers of a Redis that cannot serve just now; after any other error, trying again is no use. */
const passing =
  /^(LOADING|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|MISCONF|MOVED|ASK|UNBLOCKED)\b/;

/** ioredis attaches the command with its arguments, which are passwords or what users wrote. */
function withoutCommand(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  const copy = new Error(withoutArguments(error.message));
  copy.name = error.name;
  if (error.stack !== undefined) copy.stack = error.stack.replace(error.message, copy.message);
  return 'code' in error ? Object.assign(copy, { code: error.code }) : copy;
}

/** Redis repeats the arguments of a command that it does not know. */
const withoutArguments = (reason: string): string =>
  reason.replace(/,? with args beginning with:.*/s, '');

const isDenied = (reason: string): boolean =>
  /\bNOPERM\b|\bACL\b|user executing the script can't/.test(reason);

/** Node joins the failures of several addresses into one error without words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return withoutArguments(error.message) || ('code' in error ? String(error.code) : error.name);
}

const isReply = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';

/**
 * The error of a failed command as callers see it. `where` is the server without credentials.
 */
export function toFault(act: string, where: string, error: unknown): HoldfastError {
  if (HoldfastError.is(error)) return error;
  const reason = reasonOf(error);
  const code = isReply(error) && !passing.test(reason) ? 'internal' : 'unavailable';
  const cure = isDenied(reason) ? '; docs/deploy.md lists what its user has to be allowed' : '';
  return new HoldfastError(code, `unable to ${act}: Redis at ${where}: ${reason}${cure}`, {
    cause: withoutCommand(error),
  });
}
