import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Runs in the page before anything of it: notes by how much what was there has moved without being asked to. */
export const watchShifts = (): void => {
  let sum = 0;
  const noted: { readonly value: number; readonly what: string }[] = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & {
      readonly value: number;
      readonly hadRecentInput: boolean;
      readonly sources?: readonly {
        readonly node?: Node | null;
        readonly previousRect: DOMRectReadOnly;
        readonly currentRect: DOMRectReadOnly;
      }[];
    })[]) {
      if (entry.hadRecentInput) continue;
      sum += entry.value;
      const [source] = entry.sources ?? [];
      const [from, to] = [source?.previousRect, source?.currentRect].map(
        (rect) => rect && `${rect.x},${rect.y} ${rect.width}x${rect.height}`,
      );
      const html = source?.node instanceof Element ? source.node.outerHTML.slice(0, 120) : '';
      const what = `${from} to ${to}: ${html}`;
      noted.push({ value: entry.value, what });
    }
  }).observe({ type: 'layout-shift', buffered: true });
  Object.assign(window, { shift: () => ({ sum, noted }) });
};

/** What `watchShifts` has noted amounts to next to nothing, as Web Vitals count it. */
export const expectSteady = async (page: Page): Promise<void> => {
  const { sum, noted } = await page.evaluate(() => (window as unknown as Watched).shift());
  expect(sum, noted.map(({ value, what }) => `${value} ${what}`).join('\n')).toBeLessThan(0.01);
};

interface Watched {
  readonly shift: () => {
    readonly sum: number;
    readonly noted: readonly { readonly value: number; readonly what: string }[];
  };
}
