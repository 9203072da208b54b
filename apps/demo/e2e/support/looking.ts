import type { BrowserContextOptions, Page } from 'playwright-core';
import { expectAccessible } from './axe.ts';
import { keepPicture } from './keep-picture.ts';
import { expectNarrow } from './narrow.ts';

export const light = { colorScheme: 'light', forcedColors: 'none' } as const;
export const others = {
  dark: { colorScheme: 'dark', forcedColors: 'none' },
  'in forced colours': { colorScheme: 'light', forcedColors: 'active' },
} as const;

/**
 * Checks what a page shows, in whatever state it is, and that state in other colours; no phone forces any. Pictures of
 * it are kept, of what is wrong too.
 */
export const looking =
  (
    page: Page,
    { hasTouch }: BrowserContextOptions,
    still: (look: () => Promise<void>) => Promise<void>,
  ) =>
  (state: string) =>
    still(async () => {
      const device = hasTouch ? 'phone' : 'desktop';
      await keepPicture(page, `${device}-light-${state}`);
      await expectAccessible(page, state);
      if (hasTouch) await expectNarrow(page, state);
      for (const [name, colours] of Object.entries(others)) {
        if (hasTouch && colours.forcedColors === 'active') continue;
        await page.emulateMedia(colours);
        if (name === 'dark') await keepPicture(page, `${device}-dark-${state}`);
        await expectAccessible(page, `${state}, ${name}`, 'of colours');
      }
      await page.emulateMedia(light);
    });
