import type { Counter, Histogram, Meter } from '@opentelemetry/api';

/** Told when something happens; docs/observability.md has what each counts. */
export interface Instruments {
  readonly appendDuration: Histogram;
  readonly sends: Counter;
  readonly sendDuration: Histogram;
  readonly queueDuration: Histogram;
  readonly runs: Counter;
  readonly runDuration: Histogram;
  readonly firstWrite: Histogram;
  readonly stopDuration: Histogram;
  readonly paused: Counter;
  readonly resumes: Counter;
  readonly blocked: Counter;
  readonly closes: Counter;
}

/** Boundaries of times, in seconds: those of the conventions begin too late for an append, and end before a run does. */
const short = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const long = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

export function createInstruments(meter: Meter): Instruments {
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(`holdfast.${name}`, { unit, description });
  const times = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(`holdfast.${name}.duration`, {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries },
    });
  return {
    appendDuration: times('log.append', 'Time until the log has an entry', short),
    sends: counter('sends', '{send}', 'Sends, by what became of them'),
    sendDuration: times('send', 'Time until the log has a send', short),
    queueDuration: times('queue', 'Time for which a send waited for its turn', long),
    runs: counter('runs', '{run}', 'Runs that ended, by their outcome'),
    runDuration: times('run', 'Time from the call of an agent to the end of its run', long),
    firstWrite: times('run.first_write', 'Time until the log has the first words of a run', long),
    stopDuration: times('run.stop', 'Time from a stop to the end of the run', long),
    paused: counter('run.paused', '{pause}', 'Times that an agent waited for the log'),
    resumes: counter('resumes', '{resume}', 'How sessions were begun or gone on with, for clients'),
    blocked: counter('gateway.blocked', '{block}', 'Times that a client had to be waited for'),
    closes: counter('gateway.closes', '{socket}', 'Sockets and streams closed here, by the reason'),
  };
}
