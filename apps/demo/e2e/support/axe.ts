import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** No rule of axe is broken by what the page shows now. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  // Not as a script of the page, which its policy would refuse.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const run = (window as unknown as { axe: typeof axe }).axe.run;
    const found = await run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
    );
  });
  expect(violations, state).toEqual([]);
}
