import { context, metrics, propagation, type TextMapPropagator, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';

/** One value of an instrument: a number, or what a histogram counted. */
interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
}

export interface Collector {
  /** Values of an instrument by now; none where it has told nothing. */
  points(name: string): Promise<readonly Point[]>;
  /** The value under these attributes, 0 where there is none. */
  value(name: string, attributes?: Record<string, unknown>): Promise<number>;
  /** Spans that have ended. */
  spans(name?: string): readonly ReadableSpan[];
  /** All that was collected, as a text. */
  everything(): Promise<string>;
}

/** Takes a trace from the header `traceparent`, as the propagator of an application does. */
const propagator: TextMapPropagator = {
  inject: () => {},
  fields: () => ['traceparent'],
  extract: (into, carrier, getter) => {
    const [, traceId = '', spanId = ''] = String(getter.get(carrier, 'traceparent')).split('-');
    if (traceId.length !== 32) return into;
    return trace.setSpanContext(into, { traceId, spanId, traceFlags: 1, isRemote: true });
  },
};

/** A real collector in memory, registered until the test is over. */
export function collect(): Collector {
  const told = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: told,
    exportIntervalMillis: 3_600_000,
  });
  const meters = new MeterProvider({ readers: [reader] });
  const exporter = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  propagation.setGlobalPropagator(propagator);
  onTestFinished(async () => {
    for (const api of [metrics, trace, propagation, context]) api.disable();
    await Promise.all([meters.shutdown(), tracers.shutdown()]);
  });
  const now = async () => {
    const { resourceMetrics } = await reader.collect();
    return resourceMetrics.scopeMetrics.flatMap((scoped) => scoped.metrics);
  };
  const points: Collector['points'] = async (name) =>
    (await now())
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints as { attributes: object; value: unknown }[])
      .map(({ attributes, value }) => ({
        attributes: attributes as Point['attributes'],
        value: typeof value === 'number' ? value : (value as { count: number }).count,
      }));
  return {
    points,
    value: async (name, attributes = {}) =>
      (await points(name))
        .filter(({ attributes: has }) =>
          Object.entries(attributes).every(([key, value]) => has[key] === value),
        )
        .reduce((sum, { value }) => sum + value, 0),
    spans: (name) =>
      exporter.getFinishedSpans().filter((span) => name === undefined || span.name === name),
    everything: async () => {
      const spans = exporter.getFinishedSpans().map((span) => ({
        ...{ name: span.name, attributes: span.attributes, status: span.status },
        ...{ events: span.events, links: span.links },
      }));
      return JSON.stringify([await now(), spans]);
    },
  };
}
