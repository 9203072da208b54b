import type { Meter } from '@opentelemetry/api';
import { type Load, measured } from './process-wide.ts';

/** Numbers that are looked at when they are collected, and cost nothing in between. */
export function observeLevels(meter: Meter): void {
  const sum = (part: keyof Load): number => {
    let total = 0;
    for (const load of measured.loads) total += load()[part];
    return total;
  };
  const level = (name: string, unit: string, part: keyof Load) =>
    meter
      .createObservableUpDownCounter(`holdfast.${name}`, { unit })
      .addCallback((result) => result.observe(sum(part)));
  level('gateway.sockets', '{socket}', 'sockets');
  level('gateway.streams', '{stream}', 'streams');
  level('gateway.subscriptions', '{subscription}', 'subscriptions');
  level('gateway.buffered', 'By', 'bytes');
  level('sessions', '{session}', 'sessions');
  level('runs.live', '{run}', 'runs');
  meter
    .createObservableCounter('holdfast.log.appends', { unit: '{append}' })
    .addCallback((result) => {
      for (const [outcome, count] of measured.appends) result.observe(count, { outcome });
    });
  meter
    .createObservableCounter('holdfast.log.append.bytes', { unit: 'By' })
    .addCallback((result) => result.observe(measured.appended.bytes));
  meter
    .createObservableCounter('holdfast.gateway.entries', { unit: '{entry}' })
    .addCallback((result) => result.observe(measured.sent.entries));
  meter
    .createObservableCounter('holdfast.gateway.bytes', { unit: 'By' })
    .addCallback((result) => result.observe(measured.sent.bytes));
}
