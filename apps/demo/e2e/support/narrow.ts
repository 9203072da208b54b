import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** As wide as phones are, the smallest first, in px. */
const widths = [320, 390] as const;

/** On phones of any width, from left to right and back, nothing stands out of the page or is scrolled sideways but a table. */
export async function expectNarrow(page: Page, state: string): Promise<void> {
  const size = page.viewportSize();
  for (const width of widths) {
    await page.setViewportSize({ width, height: size?.height ?? 844 });
    for (const direction of ['rtl', 'ltr'])
      expect(
        await page.evaluate(standingOut, direction),
        `${state}, ${width} px, ${direction}`,
      ).toEqual([]);
  }
  if (size) await page.setViewportSize(size);
}

/** Runs in the page. */
function standingOut(direction: string): string[] {
  document.documentElement.dir = direction;
  const nameOf = (element: Element) => element.outerHTML.slice(0, 160);
  // What is for screen readers alone is clipped to nothing.
  const isClipped = (element: Element) => getComputedStyle(element).clipPath !== 'none';
  const shown = [...document.querySelectorAll('body, body *')].filter(
    (element) => element.checkVisibility() && !element.closest('svg *') && !isClipped(element),
  );
  const hides = (element: Element) => getComputedStyle(element).overflowX !== 'visible';
  const isCutOff = (element: Element): boolean => {
    const parent = element.parentElement;
    if (!parent || parent === document.body) return false;
    return hides(parent) || isCutOff(parent);
  };
  const outside = shown.filter((element) => {
    const { left, right, width } = element.getBoundingClientRect();
    if (width <= 1 || isCutOff(element)) return false;
    return left < -0.5 || right > window.innerWidth + 0.5;
  });
  const scrolled = shown.filter(
    (element) =>
      ['auto', 'scroll'].includes(getComputedStyle(element).overflowX) &&
      element.scrollWidth > element.clientWidth + 1 &&
      element.getAttribute('aria-label') !== 'Table',
  );
  return [...outside, ...scrolled].map(nameOf);
}
