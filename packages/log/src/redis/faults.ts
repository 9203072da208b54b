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

const optionCure = 'look whether it runs there, and whether the option `redis` names it';
const tlsCure = 'with rediss:// where it takes TLS, and redis:// where it does not';

/** Advice on where to look first, by what went wrong. */
const cures: readonly (readonly [RegExp, string])[] = [
  [
    /\bWRONGPASS\b|\bNOAUTH\b|invalid password|without any password configured/i,
    'look at the user and the password in the option `redis`',
  ],
  [/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/, optionCure],
  [/ETIMEDOUT|no connection in time/, `${optionCure}, ${tlsCure}`],
  [/ENOTFOUND|EAI_AGAIN|\bENOENT\b/, `there is no such address: ${optionCure}`],
  [
    /self.signed certificate|CERT_|unable to (verify|get local issuer)/i,
    'its certificate is not trusted: give the option `redis` an ioredis instance with `tls: { ca }`',
  ],
  [
    /EPROTO|ERR_SSL|wrong version number|EPIPE|ECONNRESET|connection closed|Connection is closed/i,
    `where it has never worked, look whether the option \`redis\` names it ${tlsCure}`,
  ],
  [
    /Protocol error, got|Unknown RESP type/,
    'what answers there is no Redis: look at the port in the option `redis`',
  ],
];

function cureOf(reason: string): string {
  if (isDenied(reason)) return '; docs/deploy.md lists what its user has to be allowed';
  const [, cure] = cures.find(([pattern]) => pattern.test(reason)) ?? [];
  return cure === undefined ? '' : `; ${cure}`;
}

/** Node joins the failures of several addresses into one error without words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return withoutArguments(error.message) || ('code' in error ? String(error.code) : error.name);
}

/** What a script says of one of several that it was asked for, as the error of a command of its own. */
export const replyError = (reason: string): Error =>
  Object.assign(new Error(reason), { name: 'ReplyError' });

const isReply = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';

/**
 * The error of a failed command as callers see it. `where` is the server without credentials.
 */
export function toFault(act: string, where: string, error: unknown): HoldfastError {
  if (HoldfastError.is(error)) return error;
  const reason = reasonOf(error);
  const code = isReply(error) && !passing.test(reason) ? 'internal' : 'unavailable';
  return new HoldfastError(
    code,
    `unable to ${act}: Redis at ${where}: ${reason}${cureOf(reason)}`,
    {
      cause: withoutCommand(error),
    },
  );
}
