import type { PresenceFrame, ServerFrame, SubscribeFrame, WireError } from '@holdfast/protocol';
import type { Environment } from '../../environment.ts';
import type { Route } from '../../http/route.ts';
import { eventReader } from './events.ts';

/** What is known of the way of requests; it outlives the connection. */
export interface RequestsWay {
  /** Something on it holds streams back: answers have to end soon. */
  isBuffered: boolean;
}

export interface StreamPorts {
  readonly route: Pick<Route, 'ask'>;
  readonly environment: Environment;
  readonly way: RequestsWay;
  readonly limits: { readonly pongTimeoutMs: number };
  /** Told of each frame that is for the client, by its text. */
  readonly hear: (data: string) => void;
  readonly say: (frame: ServerFrame) => void;
  /** Told of a `welcome`, or of an answer of the server that is none. */
  readonly greet: () => void;
  /** Nothing more comes of this session. */
  readonly left: () => void;
  /** The whole connection is over, for the reason of a close code of section 12. */
  readonly end: (code: number) => void;
}

/** A session that is followed: one request after the other, each from where the one before it ended. */
export interface Stream {
  /** Asks for the session from where it is, in the place of the request under way. */
  begin(): void;
  present(state: PresenceFrame['state']): void;
  halt(): void;
}

/** The last event of a body whose gateway closes it (HF-EVT-5). */
type StreamFrame = ServerFrame | { readonly t: 'end'; readonly code: number };

/** A request of which nothing came for so long goes through something that buffers. */
const silentMs = 2_000;
/** A long poll ends after this time at the latest, and takes at most so much longer. */
const pollMs = 20_000;
const slackMs = 15_000;
/** An answer that begins so long before its end is not held back. */
const flowMs = 1_000;
const retryBaseMs = 250;
const retryCapMs = 2_000;
/** So many requests in a row may bring nothing, and not even all that there is; then the connection is lost. */
const most = 5;
/** A request that lasted this long was a good one. */
const lastedMs = 5_000;

const abnormal = 1006;

/** HF-CAR-4 */
export function createStream({ r, s, pos }: SubscribeFrame, ports: StreamPorts): Stream {
  const { route, way, hear, end } = ports;
  const { after, now, random } = ports.environment;
  let position = pos;
  let cut = new AbortController();
  let unwatch = (): void => {};
  /** The gateway's name for the present request; empty before its `welcome`. */
  let conn = '';
  let silenceMs = slackMs;
  let presence: PresenceFrame['state'] = 'away';
  /** The present request does not know of the presence. */
  let isUntold = false;
  let saying = Promise.resolve();
  /** The client knows that it follows: what answers a `sub` is not for it any more. */
  let isAnswered = false;
  /** The last request brought all that there was. */
  let isLive = false;
  /** Requests in a row that brought nothing, and did not last. */
  let fruitless = 0;

  function halt(): void {
    unwatch();
    cut.abort();
  }

  function begin(): void {
    halt();
    cut = new AbortController();
    const { signal } = cut;
    const from = position;
    const wait = way.isBuffered ? (isLive ? pollMs : 0) : undefined;
    const beganAt = now();
    let firstAt = 0;
    conn = '';
    isUntold = false;
    isLive = false;

    /** Begins anew where this request ended, but for a while if that is no use. */
    function again(leastMs = 0): void {
      halt();
      if (now() - beganAt > lastedMs) fruitless = 0;
      const times = fruitless++;
      const jitterMs = times && random() * Math.min(retryCapMs, retryBaseMs * 2 ** times);
      if (times > most && !isLive) end(abnormal);
      else unwatch = after(Math.max(leastMs, jitterMs), begin);
    }
    function watch(ms: number): void {
      unwatch();
      unwatch = after(ms, () => {
        way.isBuffered = true;
        again();
      });
    }
    const read = eventReader((data, id) => {
      if (!signal.aborted) receive(data, id);
    });
    const hearText = (text: string): void => {
      firstAt ||= now();
      read(text);
      // The `welcome` in it may have said how long that is.
      if (!signal.aborted) watch(silenceMs);
    };
    const ask = async (): Promise<void> => {
      const state = presence === 'away' ? undefined : presence;
      const query = { r, pos: from, presence: state, wait };
      const response = await route.ask(`${s}/events`, query, signal);
      if (!/event-stream/.test(String(response.headers.get('content-type')))) {
        const body = (await response.json().catch(() => null)) as { error?: WireError } | null;
        if (signal.aborted) return;
        const err = body?.error;
        // A process that ends says so: another one answers soon (HF-CAR-10).
        if ((err?.retryMs as number) <= retryCapMs) again(err?.retryMs);
        else refuse(response.status, err);
        return;
      }
      await eachText(response, hearText).catch(() => {});
      if (signal.aborted) return;
      // What has nothing to tell and says so at once is not held back.
      if (wait && position === from && now() - firstAt > flowMs) way.isBuffered = false;
      again();
    };
    watch(wait === undefined ? silentMs : wait + slackMs);
    ask().catch(() => {
      if (!signal.aborted) end(abnormal);
    });
  }

  function receive(data: string, id: string | undefined): void {
    if (id !== undefined && id !== position) {
      // That of a reset is empty: nothing holds any more.
      position = id || undefined;
      fruitless = 0;
    }
    // Most are entries, which are parsed once only.
    const isEntry = data.startsWith('{"t":"entry"');
    const frame = isEntry ? null : (JSON.parse(data) as StreamFrame);
    switch (frame?.t) {
      case 'welcome':
        ({ conn } = frame);
        silenceMs = frame.heartbeatMs + ports.limits.pongTimeoutMs;
        ports.greet();
        tell();
        return;
      case 'subbed': {
        const known = isAnswered;
        isAnswered = true;
        if (frame.mode === 'snapshot') {
          // Until it is whole nothing holds: entries behind what was known would be applied to a part of it.
          position = undefined;
          // One that nobody asked for takes the place of what is known.
          if (known) ports.say({ t: 'reset', s, why: 'lag' });
        }
        if (known) return;
        break;
      }
      case 'end':
        end(frame.code);
        return;
      case 'closed':
        ports.left();
        break;
      case 'live':
        isLive = true;
    }
    hear(data);
  }

  /** HF-CAR-7 */
  function refuse(status: number, err?: WireError): void {
    const isOfSession = err && !isAnswered && (status === 400 || status === 403);
    // The close codes of the same meaning are these statuses and 4000.
    if (!isOfSession) end(status === 401 || status === 429 ? 4_000 + status : abnormal);
    else {
      ports.left();
      ports.greet();
      ports.say({ t: 'res', r, err });
    }
  }

  /** One after the other, lest an older one come later; what is lost is said by the next stream. */
  function tell(): void {
    saying = saying.then(async () => {
      if (!conn || !isUntold) return;
      isUntold = false;
      const said = { conn, state: presence };
      await route.ask(`${s}/presence`, {}, cut.signal, said).catch(() => {});
    });
  }

  return {
    begin,
    halt,
    present: (state) => {
      presence = state;
      isUntold = true;
      tell();
    },
  };
}

/** The pieces of a body, or all of it at once where the host's `fetch` gives no streams. */
async function eachText(response: Response, on: (text: string) => void): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) {
    on(await response.text());
    return;
  }
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    on(decoder.decode(value, { stream: true }));
  }
}
