import { type HttpHandler, HttpResponse, http } from 'msw';
import { chatFrames, eventOf, type Frames, responsesFrames } from './openai-api-events.ts';
import type { Gate } from './scripted-model-gate.ts';

/** How a request ended: `aborted` when the caller hung up before the answer was complete. */
export type RequestEnd = 'finished' | 'aborted';

/** A request as the API saw it. */
export interface ApiRequest {
  readonly body: Readonly<Record<string, unknown>>;
  /** Undefined while the answer streams. */
  readonly end: RequestEnd | undefined;
  readonly ended: Promise<RequestEnd>;
  /** How many pieces of the text were written so far. */
  readonly written: number;
}

export interface OpenAiApiOptions {
  /** The text of the answer, piece by piece, or what gives it for each request. */
  readonly pieces: readonly string[] | ((request: ApiRequest) => readonly string[]);
  /** Is passed before every piece. */
  readonly gate?: Gate;
  /** @default 'https://api.openai.com/v1' */
  readonly baseUrl?: string;
}

export interface OpenAiApi {
  /** For `setupServer` of msw. */
  readonly handlers: HttpHandler[];
  readonly requests: readonly ApiRequest[];
}

class Recorded implements ApiRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly ended: Promise<RequestEnd>;
  end: RequestEnd | undefined;
  written = 0;
  readonly #settle: (end: RequestEnd) => void;

  constructor(body: Readonly<Record<string, unknown>>) {
    this.body = body;
    const { promise, resolve } = Promise.withResolvers<RequestEnd>();
    this.ended = promise;
    this.#settle = resolve;
  }

  close(end: RequestEnd): void {
    this.end ??= end;
    this.#settle(this.end);
  }
}

async function* eventsOf(
  recorded: Recorded,
  frames: Frames,
  options: OpenAiApiOptions,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const { gate, pieces } = options;
  for (const frame of frames.opening) yield eventOf(frame);
  for (const piece of typeof pieces === 'function' ? pieces(recorded) : pieces) {
    await gate?.pass(signal);
    recorded.written += 1;
    yield eventOf(frames.piece(piece));
  }
  for (const frame of frames.closing) yield eventOf(frame);
  yield frames.trailer;
}

function bodyOf(
  recorded: Recorded,
  frames: Frames,
  options: OpenAiApiOptions,
): ReadableStream<Uint8Array> {
  const hungUp = new AbortController();
  const events = eventsOf(recorded, frames, options, hungUp.signal);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      // A gate that is left behind rejects; there is nobody to tell.
      const next = await events.next().catch(() => null);
      if (next === null || recorded.end !== undefined) return;
      if (next.done) {
        recorded.close('finished');
        controller.close();
      } else controller.enqueue(encoder.encode(next.value));
    },
    cancel() {
      recorded.close('aborted');
      hungUp.abort();
    },
  });
}

const headers = {
  'content-type': 'text/event-stream',
  // The real API sends it. Earlier interceptors of msw 3.0.5 also ended in an uncaught assertion of
  // undici without it when a caller hung up; the locked ones do not.
  'transfer-encoding': 'chunked',
};

/** Plays the streaming HTTP API of OpenAI for the real `@ai-sdk/openai` provider. */
export function openAiApi(options: OpenAiApiOptions): OpenAiApi {
  const base = options.baseUrl ?? 'https://api.openai.com/v1';
  const requests: Recorded[] = [];
  const handler = (path: string, framesFor: (model: string) => Frames): HttpHandler =>
    http.post(`${base}${path}`, async ({ request }) => {
      const body = (await request.json()) as Record<string, unknown>;
      const recorded = new Recorded(body);
      requests.push(recorded);
      const frames = framesFor(String(body.model));
      return new HttpResponse(bodyOf(recorded, frames, options), { headers });
    });
  return {
    handlers: [handler('/responses', responsesFrames), handler('/chat/completions', chatFrames)],
    requests,
  };
}
