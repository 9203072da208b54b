import { closeCodes } from '@holdfast/protocol';
import { createNoopMeter, metrics } from '@opentelemetry/api';
import { createInstruments, type Instruments } from './instruments.ts';
import { observeLevels } from './levels.ts';
import { measured } from './process-wide.ts';

/** As which it is known to who collects. */
export const scope = '@holdfast/server';

/**
 * The instruments of the provider that is registered now; null where none is. Unlike tracers, meters do not find a
 * provider that is registered after them, so it is asked for each time: of appends once for a run.
 */
export function instruments(): Instruments | null {
  const provider = metrics.getMeterProvider();
  if (measured.made?.provider !== provider) {
    const meter = provider.getMeter(scope);
    const isOff = meter === createNoopMeter();
    if (!isOff) observeLevels(meter);
    measured.made = { provider, instruments: isOff ? null : createInstruments(meter) };
  }
  return measured.made.instruments;
}

/** An entry went to a client. */
export function noteSent(bytes: number): void {
  measured.sent.entries++;
  measured.sent.bytes += bytes;
}

const seconds = (ms: number): number => ms / 1_000;

/** How a client was given a session: `why` where it could not go on. */
export function noteResume(kind: 'replay' | 'snapshot' | 'reset', why?: string): void {
  instruments()?.resumes.add(1, { kind, ...(why === undefined ? {} : { why }) });
}

/** A socket is closed by this side. Reasons that are sent may have words for one client; these are those of the protocol. */
export function noteClose(code: number): void {
  const known = Object.values(closeCodes).find((each) => each.code === code);
  instruments()?.closes.add(1, { reason: known?.name ?? 'other' });
}

export function noteQueued(ms: number): void {
  instruments()?.queueDuration.record(seconds(Math.max(0, ms)));
}

export interface RunTimes {
  /** Since its agent was called; absent where that was in another process. */
  readonly ms?: number;
  /** Since it was stopped. */
  readonly stoppedForMs?: number | null;
}

/** `superseded`: another attempt took over, or the log stayed away for too long. */
export function noteRun(outcome: string, agent: string, { ms, stoppedForMs }: RunTimes = {}): void {
  const made = instruments();
  if (!made) return;
  const attributes = { outcome, agent };
  made.runs.add(1, attributes);
  if (ms !== undefined) made.runDuration.record(seconds(ms), attributes);
  if (outcome === 'stopped' && typeof stoppedForMs === 'number')
    made.stopDuration.record(seconds(stoppedForMs), { agent });
}

export function noteFirstWrite(ms: number, agent: string): void {
  instruments()?.firstWrite.record(seconds(ms), { agent });
}

export function noteSend(outcome: string, ms: number): void {
  const made = instruments();
  if (!made) return;
  made.sends.add(1, { outcome });
  made.sendDuration.record(seconds(ms), { outcome });
}
