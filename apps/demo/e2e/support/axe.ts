import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const all = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** The only one that colours can break. */
const ofColours = ['color-contrast'];

/** No rule of axe is broken by what the page shows now; or none of those that colours can break. */
export async function expectAccessible(
  page: Page,
  state: string,
  rules: 'all' | 'of colours' = 'all',
): Promise<void> {
  // Not as a script of the page, which its policy would refuse.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  await page.evaluate(settled);
  const violations = await page.evaluate(
    async (runOnly) => {
      const run = (window as unknown as { axe: typeof axe }).axe.run;
      // Where colours are forced, Chromium says of the fill of letters what it would be otherwise.
      const styles = CSSStyleDeclaration.prototype;
      const { getPropertyValue } = styles;
      if (matchMedia('(forced-colors: active)').matches)
        styles.getPropertyValue = function (name) {
          return getPropertyValue.call(this, name === '-webkit-text-fill-color' ? 'color' : name);
        };
      const found = await run(document, { runOnly });
      styles.getPropertyValue = getPropertyValue;
      return found.violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
      );
    },
    rules === 'all' ? all : ofColours,
  );
  expect(violations, state).toEqual([]);
}

/** Runs in the page: waits for what fades or slides in, whose colours are not its own yet. */
async function settled(): Promise<void> {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  await frame();
  await frame();
  const moving = document
    .getAnimations()
    .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
  const all = Promise.allSettled(moving.map(({ finished }) => finished));
  // What moves on a part that is taken away meanwhile may never say that it has ended.
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 2_000))]);
}
