import { randomUUID } from 'node:crypto';
import type { OpenCrowd } from '../crowds/crowd.ts';
import { percentile } from '../stats.ts';
import { ageOf, micros, tokenLength } from '../tokens.ts';
import type { Context } from './context.ts';

export interface SteadyFanoutPlan {
  readonly followers: number;
  readonly perSecond: number;
  /** Chunks at the beginning that are not counted, and those that are. */
  readonly warm: number;
  readonly chunks: number;
}

export interface SteadyFanoutResult {
  readonly p50: number;
  readonly p99: number;
  /** Frames that reached all sockets together. */
  readonly deliveries: number;
}

export interface SteadyFanout {
  /** Opens the sockets, which then follow one session. */
  gather(plan: SteadyFanoutPlan): Promise<void>;
  /** How late each frame of an agent that speaks evenly reaches each socket, in ms. Closes them. */
  run(plan: SteadyFanoutPlan): Promise<SteadyFanoutResult>;
}

const mark = Buffer.from('"delta":"');

export function createSteadyFanout({ origin, openCrowd }: Context): SteadyFanout {
  let crowd: ReturnType<OpenCrowd> | undefined;
  let onEntry: (frame: Buffer) => void = () => {};
  let onFault: (error: Error) => void = () => {};
  return {
    gather: async ({ followers }) => {
      if (!openCrowd) throw new Error('this side has no socket that several could follow');
      const opened = openCrowd(origin, randomUUID(), {
        onEntry: (_, frame) => onEntry(frame),
        onFault: (error) => onFault(error),
      });
      crowd = opened;
      let joined = 0;
      const join = async () => {
        while (joined < followers) await opened.join(joined++);
      };
      await Promise.all(Array.from({ length: 20 }, join));
    },
    run: async ({ followers, perSecond, warm, chunks }) => {
      if (!crowd) throw new Error('nobody follows yet');
      const ages: number[] = [];
      const all = (warm + chunks) * followers;
      let tokens = 0;
      let deliveries = 0;
      const done = Promise.withResolvers<void>();
      onFault = done.reject;
      onEntry = (frame) => {
        const now = micros();
        let begun = false;
        // Chunks that were joined are one text; those that were not, one after the other.
        for (let at = frame.indexOf(mark); at !== -1; at = frame.indexOf(mark, at)) {
          begun = true;
          at += mark.length;
          for (; frame[at] !== 0x22; at += tokenLength) {
            const token = frame.toString('latin1', at, at + tokenLength);
            if (++tokens > warm * followers) ages.push(ageOf(token, now) / 1_000);
          }
        }
        if (begun) deliveries++;
        if (tokens >= all) done.resolve();
      };
      try {
        await crowd.speak({ kind: 'paced', perSecond, count: warm + chunks });
        await done.promise;
      } finally {
        crowd.close();
        crowd = undefined;
      }
      if (tokens !== all) throw new Error(`${tokens} of ${all} chunks arrived`);
      return { p50: percentile(ages, 0.5), p99: percentile(ages, 0.99), deliveries };
    },
  };
}
