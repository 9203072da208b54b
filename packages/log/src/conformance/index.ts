import { describe } from 'vitest';
import { amounts } from './amounts.ts';
import { appending } from './appending.ts';
import { asking } from './asking.ts';
import { cancelling } from './cancelling.ts';
import { claiming } from './claiming.ts';
import { conditions } from './conditions.ts';
import { deleting } from './deleting.ts';
import { fencing } from './fencing.ts';
import { files } from './files.ts';
import { following } from './following.ts';
import { keeping } from './keeping.ts';
import { type MakeLog, topicOf } from './kit.ts';
import { leases } from './leases.ts';
import { limits } from './limits.ts';
import { losing } from './losing.ts';
import { noticing } from './noticing.ts';
import { opening } from './opening.ts';
import { placing } from './placing.ts';
import { reading } from './reading.ts';
import { room } from './room.ts';
import { sending } from './sending.ts';
import { storing } from './storing.ts';
import { subscribing } from './subscribing.ts';

export type { LogFaults, LogUnderTest, MakeLog } from './kit.ts';

/** Options of `sessionLogConformance`. */
export interface ConformanceOptions {
  /** False leaves out what needs `LogUnderTest.faults`. @default true */
  readonly faults?: boolean;
}

/**
 * Declares the tests that every `SessionLog` has to pass, as vitest tests under `name`. Each test
 * makes a log, and cleans up behind itself.
 */
export function sessionLogConformance(
  name: string,
  makeLog: MakeLog,
  { faults = true }: ConformanceOptions = {},
): void {
  const topic = topicOf(makeLog);
  describe(name, () => {
    describe('appending', () => appending(topic));
    describe('fencing', () => fencing(topic));
    describe('reading', () => reading(topic));
    describe('sending', () => sending(topic));
    describe('asking', () => asking(topic));
    describe('conditions', () => conditions(topic));
    describe('cancelling', () => cancelling(topic));
    describe('leases', () => leases(topic));
    describe('claiming', () => claiming(topic));
    describe('deleting', () => deleting(topic));
    describe('subscribing', () => subscribing(topic));
    describe('files', () => files(topic));
    describe('limits', () => limits(topic));
    describe('room', () => room(topic));
    describe('keeping', () => keeping(topic));
    describe('storing', () => storing(topic));
    describe('opening', () => opening(topic));
    describe('amounts', () => amounts(topic));
    describe('placing', () => placing(topic));
    describe('noticing', () => noticing(topic));
    describe('following', () => following(topic));
    if (faults) describe('losing', () => losing(topic));
  });
}
