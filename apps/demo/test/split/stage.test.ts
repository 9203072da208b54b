import { expect, it } from 'vitest';
import { createStage, nothing, type Place, type Report } from '../../lib/split/stage.ts';
import { fakeClock } from './fake-clock.ts';

/** A stage of pages that only note what is done to them. */
function house() {
  const clock = fakeClock();
  const done: string[] = [];
  const opened: Place[] = [];
  const stage = createStage(clock, (place) => {
    opened.push(place);
    return {
      network: { setCut: (cut: boolean) => done.push(`${cut ? 'cut' : 'mend'} ${place}`) },
      transport: { close: () => done.push(`close ${place}`) },
    };
  });
  const tell = (place: Place, text: string, more: Partial<Report> = {}) => {
    const page = stage.getSnapshot().pages[place];
    if (!page) throw new Error(`the page of the ${place} is gone`);
    stage.report(place, page, {
      ...nothing,
      view: { ...nothing.view, link: 'online', text },
      isSynced: true,
      ask: () => done.push(`ask ${place}`),
      stop: () => done.push(`stop ${place}`),
      ...more,
    });
  };
  const beat = () => stage.getSnapshot().beat;
  const allTell = (text: string, more: Partial<Report> = {}) => {
    for (const place of ['laptop', 'phone', 'log'] as const) tell(place, text, more);
  };
  return { clock, done, opened, stage, tell, allTell, beat };
}

it('plays at the phone and the laptop what the story says, as they report what is there', () => {
  const { clock, done, opened, tell, allTell, beat } = house();
  tell('laptop', '');
  tell('phone', '');
  expect(beat()).toBe('waiting');
  tell('log', '');
  expect(beat()).toBe('asking');
  const isRunning = true;
  allTell('At dusk', { isRunning });
  expect(beat()).toBe('writing');
  clock.pass(2_000);
  // As a phone tells that is cut off: it has what it had.
  tell('phone', 'At dusk', { isRunning, isSynced: false });
  tell('laptop', 'At dusk, the keeper lit the lantern', { isRunning });
  tell('log', 'At dusk, the keeper lit the lantern', { isRunning });
  clock.pass(3_000);
  expect(beat()).toBe('mended');
  tell('phone', 'At dusk', { isRunning });
  expect(beat()).toBe('mended');
  tell('phone', 'At dusk, the keeper lit the lantern', { isRunning });
  expect(beat()).toBe('even');
  clock.pass(1_200);
  expect(beat()).toBe('reloaded');
  clock.pass(500);
  expect(opened).toEqual(['laptop', 'phone', 'log', 'laptop']);
  tell('laptop', '', { isRunning });
  expect(beat()).toBe('reloaded');
  tell('laptop', 'At dusk, the keeper lit the lantern', { isRunning });
  expect(beat()).toBe('restored');
  clock.pass(2_000);
  tell('log', 'At dusk, the keeper lit the lantern');
  expect(beat()).toBe('over');
  expect(done).toEqual(['ask laptop', 'cut phone', 'mend phone', 'close laptop', 'stop phone']);
});

it('does what the visitor presses, there, and nothing by itself any more', () => {
  const { clock, done, stage, allTell, beat } = house();
  allTell('');
  stage.press('laptop', 'cut');
  stage.press('laptop', 'mend');
  stage.press('phone', 'stop');
  stage.press('phone', 'reload');
  stage.press('phone', 'reload');
  clock.pass(60_000);
  expect(beat()).toBe('yours');
  expect(done).toEqual([
    'ask laptop',
    'cut laptop',
    'mend laptop',
    'stop phone',
    // A page that loads is not loaded twice.
    'close phone',
  ]);
  expect(stage.getSnapshot().pages.phone).not.toBeNull();
});

it('hears nothing of a page that is gone', () => {
  const { clock, stage, tell } = house();
  const gone = stage.getSnapshot().pages.laptop;
  if (!gone) throw new Error('there is no page');
  tell('laptop', 'At dusk');
  stage.press('laptop', 'reload');
  stage.report('laptop', gone, { ...nothing, view: { ...nothing.view, text: 'At dusk' } });
  expect(stage.getSnapshot().reports.laptop.view.text).toBe('');
  clock.pass(500);
  stage.report('laptop', gone, { ...nothing, view: { ...nothing.view, text: 'At dusk' } });
  expect(stage.getSnapshot().reports.laptop.view.text).toBe('');
});
