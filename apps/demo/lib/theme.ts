/** How bright the pages are; `system` is as the system has it. */
export type Theme = 'system' | 'light' | 'dark';

export const themes: readonly Theme[] = ['system', 'light', 'dark'];

/** A cookie, so that a page is right from its first paint on. */
export const themeCookie = 'holdfast-theme';

export const themeOf = (cookie: string | undefined): Theme =>
  themes.find((theme) => theme === cookie) ?? 'system';
