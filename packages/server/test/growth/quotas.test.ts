import { defaultLimits } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { Quotas } from '../../src/rights/quotas.ts';
import { costOf, growthOf, linear } from './cost.ts';

it('HF-QUOTA-1: a new participant costs no more where many are there', async () => {
  const cost = (count: number) =>
    costOf(() => {
      const quotas = new Quotas(defaultLimits, { now: () => 0 });
      for (let at = 0; at < count; at++) quotas.enter(`p${at}`, 'connection');
      expect(quotas.size).toBe(count);
    });
  // Beyond those that are remembered, whether they are there or not.
  expect(await growthOf(cost, 12_000)).toBeLessThan(linear);
});
