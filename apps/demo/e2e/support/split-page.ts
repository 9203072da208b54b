import type { Locator, Page } from 'playwright-core';
import type { Beat } from '../../lib/split/beats.ts';
import type { DeviceName } from '../../lib/split/view.ts';
import { untilEqual } from './until.ts';

/** The page with two devices, as its visitor sees it. */
export class SplitPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  beat(): Promise<string | null> {
    return this.page.getByTestId('caption').getAttribute('data-beat');
  }

  /** Until the play is there; the beats before it pass by themselves. */
  reaches(beat: Beat): Promise<void> {
    return untilEqual(() => this.beat(), beat);
  }

  device(name: DeviceName): Locator {
    return this.page.getByTestId(name);
  }

  async text(name: DeviceName): Promise<string> {
    return (await this.device(name).getAttribute('data-text')) ?? '';
  }

  async of(name: DeviceName, fact: 'words' | 'entry'): Promise<number> {
    return Number(await this.device(name).getAttribute(`data-${fact}`));
  }

  link(name: DeviceName): Promise<string | null> {
    return this.device(name).getAttribute('data-link');
  }

  model(): Promise<string | null> {
    return this.page.getByTestId('log').getAttribute('data-model');
  }

  async waiting(): Promise<number> {
    return Number(await this.page.getByTestId('log').getAttribute('data-waiting'));
  }

  async press(name: DeviceName, button: 'Reload' | 'Stop' | 'Ask'): Promise<void> {
    await this.device(name).getByRole('button', { name: button }).click();
  }

  /** Cuts the cable, or mends it. */
  async flip(name: DeviceName): Promise<void> {
    await this.device(name).getByRole('switch', { name: 'Cut the cable' }).click();
  }
}
