import type { Network } from '../network.ts';
import { countWords } from '../paragraphs.ts';
import type { Act, Beat } from './beats.ts';
import { type Clock, createDirector } from './director.ts';
import type { DeviceName, DeviceView } from './view.ts';

/** Where the session is followed. */
export type Place = DeviceName | 'log';

/** What a page has as long as it lives. */
interface Page {
  readonly network: Pick<Network, 'setCut'>;
  readonly transport: { readonly close: () => void };
}

/** What the page of a place tells of itself. */
export interface Report {
  readonly view: Omit<DeviceView, 'entry' | 'isLoading'>;
  /** The last entry that it has. */
  readonly position: string | null;
  readonly isSynced: boolean;
  /** Whether an answer is being written, as far as it knows. */
  readonly isRunning: boolean;
  readonly isStopping: boolean;
  /** Why what was done there failed; null where nothing has. */
  readonly error: string | null;
  readonly ask: () => void;
  readonly stop: () => void;
}

export interface StageState<P> {
  readonly beat: Beat;
  /** Null while the page loads. */
  readonly pages: { readonly [N in Place]: P | null };
  readonly reports: { readonly [N in Place]: Report };
}

export interface Stage<P> {
  readonly getSnapshot: () => StageState<P>;
  readonly subscribe: (listener: () => void) => () => void;
  /** Told by a page whenever something of it has changed; a page that is gone is not heard. */
  readonly report: (place: Place, page: P, report: Report) => void;
  /** What the visitor does: from then on nothing happens by itself. */
  readonly press: (device: DeviceName, act: Act) => void;
  readonly leave: () => void;
}

/** How long a page is gone when it is reloaded, in ms: long enough to be seen. */
const loadMs = 500;
/** The word that one has and the other has not yet is not missing. */
const nearWords = 2;

export const nothing: Report = {
  view: { link: 'idle', question: null, text: '', fresh: null, caughtUp: null },
  position: null,
  isSynced: false,
  isRunning: false,
  isStopping: false,
  error: null,
  ask: () => {},
  stop: () => {},
};

const scripted: { readonly [A in Act]: DeviceName } = {
  ask: 'laptop',
  cut: 'phone',
  mend: 'phone',
  reload: 'laptop',
  stop: 'phone',
};

/** Two devices and the log of one session. `open` opens a page at a place. */
export function createStage<P extends Page>(clock: Clock, open: (place: Place) => P): Stage<P> {
  const listeners = new Set<() => void>();
  const director = createDirector(clock, (act) => perform(scripted[act], act));
  let state: StageState<P> = {
    beat: director.beat(),
    pages: { laptop: open('laptop'), phone: open('phone'), log: open('log') },
    reports: { laptop: nothing, phone: nothing, log: nothing },
  };
  const put = (change: Partial<StageState<P>>): void => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  director.subscribe(() => put({ beat: director.beat() }));

  function perform(device: DeviceName, act: Act): void {
    const page = state.pages[device];
    const report = state.reports[device];
    if (act === 'ask') report.ask();
    else if (act === 'stop') report.stop();
    else if (act === 'reload') reload(device);
    else page?.network.setCut(act === 'cut');
  }

  function reload(device: DeviceName): void {
    state.pages[device]?.transport.close();
    const { pages, reports } = state;
    put({ pages: { ...pages, [device]: null }, reports: { ...reports, [device]: nothing } });
    clock.after(loadMs, () => put({ pages: { ...state.pages, [device]: open(device) } }));
  }

  function judge(wasRunning: boolean): void {
    const { laptop, phone, log } = state.reports;
    const isHere = ({ isSynced, view }: Report): boolean => isSynced && view.link === 'online';
    const words = countWords(log.view.text);
    const isLevel = (at: Report): boolean =>
      isHere(at) && Math.abs(words - countWords(at.view.text)) <= nearWords;
    if (isHere(laptop) && isHere(phone) && isHere(log)) director.cue('connected');
    if (laptop.view.text !== '') director.cue('word');
    if (isLevel(laptop) && isLevel(phone)) director.cue('level');
    if (wasRunning && !log.isRunning) director.cue('ended');
  }

  return {
    getSnapshot: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    report: (place, page, report) => {
      if (page !== state.pages[place]) return;
      const wasRunning = state.reports.log.isRunning;
      put({ reports: { ...state.reports, [place]: report } });
      judge(wasRunning);
    },
    press: (device, act) => {
      director.cue('touched');
      if (state.pages[device]) perform(device, act);
    },
    leave: () => director.leave(),
  };
}
