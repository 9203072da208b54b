import { HoldfastError } from '@holdfast/protocol';
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  propagation,
  type Span,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api';
import { scope } from './metrics.ts';

/** Of W3C's Trace Context, version 0: what later versions add is not ours to pass on. */
const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Context of the span that is active, as entries and runs keep it; undefined where nobody traces. */
function activeTraceparent(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span)) return undefined;
  const flags = (span.traceFlags & 0xff).toString(16).padStart(2, '0');
  return `00-${span.traceId}-${span.spanId}-${flags}`;
}

/** As a member of what is kept; nothing where nobody traces. */
export function activeTrace(): { readonly traceparent?: string } {
  const traceparent = activeTraceparent();
  return traceparent === undefined ? {} : { traceparent };
}

function spanContextOf(traceparent: string | undefined) {
  const [, traceId = '', spanId = '', flags = ''] = pattern.exec(traceparent ?? '') ?? [];
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(span) ? span : null;
}

/** The active context, in the trace that is given where that can be read. */
function contextIn(traceparent: string | undefined): Context {
  const span = spanContextOf(traceparent);
  return span ? trace.setSpanContext(context.active(), span) : context.active();
}

const headerGetter: TextMapGetter<Headers> = {
  keys: (headers) => [...headers.keys()],
  get: (headers, name) => headers.get(name) ?? undefined,
};

/** That of a request, for hosts that are not instrumented themselves. */
function contextFrom(request: Request | null | undefined): Context {
  const active = context.active();
  if (!request || trace.getSpan(active)) return active;
  return propagation.extract(active, request.headers, headerGetter);
}

export interface Traced {
  /** Ids, and words of ours: never contents or credentials. */
  readonly attributes: Attributes;
  /** Of the work that it goes on with. */
  readonly traceparent?: string | undefined;
  /** Which asked for it. */
  readonly request?: Request | null | undefined;
}

/** Does something in a span, which is active meanwhile; a fault ends it with its code. */
export async function inSpan<T>(
  name: string,
  { attributes, traceparent, request }: Traced,
  act: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = traceparent === undefined ? contextFrom(request) : contextIn(traceparent);
  const tracer = trace.getTracer(scope);
  return await tracer.startActiveSpan(`holdfast.${name}`, { attributes }, parent, async (span) => {
    try {
      return await act(span);
    } catch (error) {
      failSpan(span, HoldfastError.is(error) ? error.code : 'internal');
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The words of a fault may repeat what was said; its code does not. */
export function failSpan(span: Span, code: string): void {
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Links it to the traces of runs. */
export function linkTo(span: Span, traceparents: readonly (string | undefined)[]): void {
  for (const traceparent of traceparents) {
    const linked = spanContextOf(traceparent);
    if (linked) span.addLink({ context: linked });
  }
}
