import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

/** A file of the repository by its path. */
export const fileOf = (path: string): string =>
  fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

const urlOf = (png: Buffer): string => `data:image/png;base64,${png.toString('base64')}`;

/** The share of points that are not alike, from 0 to 1. */
export const difference = (page: Page, one: Buffer, other: Buffer): Promise<number> =>
  page.evaluate(
    async (urls) => {
      const [a, b] = await Promise.all(
        urls.map(async (url) => {
          const image = new Image();
          image.src = url;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height);
          const context = canvas.getContext('2d');
          context?.drawImage(image, 0, 0);
          return context?.getImageData(0, 0, image.width, image.height).data;
        }),
      );
      if (!a || !b || a.length !== b.length) return 1;
      let differ = 0;
      for (let at = 0; at < a.length; at += 4) {
        const far = [0, 1, 2].some((c) => Math.abs((a[at + c] ?? 0) - (b[at + c] ?? 0)) > 24);
        if (far) differ++;
      }
      return differ / (a.length / 4);
    },
    [urlOf(one), urlOf(other)],
  );

/** Whether the browser has letters for these, and not the box that stands for what there is no font for. */
export const hasLetters = (page: Page, letters: readonly string[]): Promise<boolean> =>
  page.evaluate((all) => {
    const drawn = (letter: string) => {
      const canvas = new OffscreenCanvas(40, 40);
      const context = canvas.getContext('2d');
      if (!context) return '';
      context.font = '24px sans-serif';
      context.fillText(letter, 4, 30);
      return context.getImageData(0, 0, 40, 40).data.join();
    };
    // Nothing has a letter there.
    const box = drawn('\u{10fffe}');
    return all.every((letter) => drawn(letter) !== box);
  }, letters);
