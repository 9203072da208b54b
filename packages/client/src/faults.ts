import type { ErrorCode, HoldfastError, WireError } from '@holdfast/protocol';
import type { ConnectionReason } from './contract/connection.ts';

// Loaded when something has failed, and never before: it may be as long as it has to be.

/** An answer, all of it. */
export type Exchanged = {
  readonly url: string;
  readonly response: Response;
  readonly text: string;
};

/** Kinds of faults that are remembered; what comes beyond them is not told. */
const most = 16;

const usual = `Usual causes:
  1. No gateway is attached there, and the route below \`api\` does not carry sessions over HTTP in its place: it has to serve what is below it, \`GET {api}/{id}/events\` among it (in Next, by a folder with the name [[...path]]), and not to belong to an older @holdfast/server. For sockets call \`holdfast.attach(server)\` on a server of your own, or with Next \`serveGateway(holdfast)\` in instrumentation.ts, and give the address as \`url\`. With \`carrier: 'socket'\` nothing takes their place.
  2. A proxy in between passes neither WebSocket upgrades (nginx: \`proxy_http_version 1.1\`, and the headers \`Upgrade\` and \`Connection\`) nor these requests.
  3. The page's origin is refused with 403: the server's console says so; list the origin in \`origins\` of \`createHoldfast\`.`;

/** The usual causes of each reason; of others the reason is all that is known. */
const causes: { readonly [R in ConnectionReason]?: string } = {
  refused: `No socket opens, and HTTP does not carry either. ${usual}`,
  unanswered: `Neither a socket nor HTTP is answered, or \`authorize\`, or the option \`token\` of the transport, takes too long. ${usual}`,
  lost: 'The sockets are closed as soon as they are open. Look into the console of the gateway, and at proxies in between.',
  limit:
    'The gateway takes no more: `limits.connections`, or `limits.participantConnections` of one participant. It is tried on.',
  token: 'The option `token` of the transport failed: what it threw is told apart.',
  unauthorized:
    'The gateway refused who asks. `authorize` gave nobody for the action `connect`, where `sessionId` is null: it has to give the participant there, too. Where a token says who it is, look at the option `token`.',
  forbidden:
    "The gateway does not let this page in: its origin is not in `origins` of `createHoldfast`, or the participant's rights have ended.",
  bad_request:
    'Trying again does not help. Look at the options `url`, `api` and `WebSocket`, and whether the packages of client and server have the same version.',
};

/** The faults of a connection: the reason, or where none follows, the code that is one. */
const ofConnection = /^unable to connect: (\w+)/;

/** The words of a fault, and its usual causes where it tells of the connection. */
function wordsOf(error: unknown, address: () => string): readonly unknown[] {
  if (!(error instanceof Error)) return ['holdfast:', error];
  const told = ofConnection.exec(error.message);
  if (!told) return ['holdfast:', error];
  const { code } = error as { readonly code?: unknown };
  // The fate of a send is for the chat that sent it.
  const [what] = error.message.split(';');
  const words = causes[told[1] as ConnectionReason] ?? causes[code as ConnectionReason] ?? '';
  return [`holdfast: ${what} (${addressOf(address)}). ${words}\nSee docs/troubleshooting.md.`];
}

function addressOf(address: () => string): string {
  try {
    // The query may say who it is.
    return address().replace(/[?#].*$/s, '');
  } catch {
    return 'no address';
  }
}

/** Warns of each kind of fault once, by what its message begins with. */
export function warn(error: unknown, kinds: Set<string>, address: () => string): void {
  const [kind = ''] = (error instanceof Error ? error.message : String(error)).split(':');
  if (kinds.has(kind) || kinds.size === most) return;
  kinds.add(kind);
  // biome-ignore lint/suspicious/noConsole: the documented default of the option `onError`
  console.warn(...wordsOf(error, address));
}

/** The codes of what an application refuses in its own words; of all others `bad_request`. */
const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  402: 'forbidden',
  403: 'forbidden',
  429: 'limit',
};

/**
 * Our own codes, in the words of an application that has thrown the error (HF-ERR-2: of faults of the server the words
 * are always ours).
 */
const ours =
  /^(bad_request|unauthorized|forbidden|not_found|conflict|busy|too_large|limit|rate|full)$/;

/** An application's own words are cut off behind these many characters. */
const mostWords = 2_000;

/**
 * The words of the application in an answer of its own: its text, or the message in its JSON. Pages are no
 * words, but those of frameworks and proxies.
 */
function wordsIn({ response, text }: Exchanged, body: unknown): string {
  if (/html/.test(response.headers.get('content-type') ?? '')) return '';
  const within = isObject(body) ? (body.error ?? body) : body;
  const words = isObject(within) ? within.message : within;
  return (typeof words === 'string' && words ? words : text).slice(0, mostWords);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** The error for an answer that is not in our words, in those of whoever answered where there are some (HF-CLI-4). */
export function refusalIn(
  exchanged: Exchanged,
  body: unknown,
): Readonly<ConstructorParameters<typeof HoldfastError>> {
  const { url, response } = exchanged;
  const { status } = response;
  const words = wordsIn(exchanged, body);
  const told = (body as { readonly error?: WireError | null } | null)?.error;
  if (told && words && ours.test(told.code)) return [told.code, words, told];
  // A 404 or 405 says that the path is wrong.
  const isPassing = status >= 500 || [408, 425].includes(status);
  const code = codes[status] ?? 'bad_request';
  if (status >= 400 && !isPassing && words && ![404, 405].includes(status))
    return [code, words, { cause: body ?? undefined }];
  return [
    isPassing || status === 429 ? 'unavailable' : code,
    `unable to ask the server: ${url} answered ${status} and not as Holdfast does; check the option "api"${status === 404 ? ', and that what is below it is served, too: in Next, by a folder with the name [[...path]]' : ''}`,
  ];
}
