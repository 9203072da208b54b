import { type Browser, chromium } from 'playwright-core';

/** The Chromium that the browser tests of the demo use too. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROME_PATH || '/usr/bin/chromium',
    // Root has no sandbox, and containers run as root.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
