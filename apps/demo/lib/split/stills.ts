import { countWords } from '../paragraphs.ts';
import { story } from '../scripted-model/story.ts';
import { wordsOf } from '../scripted-model/words.ts';
import { captions } from './beats.ts';
import { question } from './question.ts';
import type { DeviceView, SceneView } from './view.ts';

export interface Still {
  readonly title: string;
  readonly caption: string;
  readonly scene: SceneView;
}

const words = wordsOf(story(300));
const first = (count: number): string => words.slice(0, count).join('').trimEnd();

/** The question, the start of the run and of its text go before the words, and its end comes behind them. */
const before = 4;

const device = (count: number, more: Partial<DeviceView> = {}): DeviceView => ({
  link: 'online',
  isLoading: false,
  question,
  text: first(count),
  fresh: null,
  caughtUp: null,
  entry: before + count,
  ...more,
});

const log = (count: number, isModelOn = true): SceneView['log'] => ({
  text: first(count),
  entries: before + count,
  isModelOn,
});

const missed = { from: first(22).length, to: first(55).length };

/** The play for those who want no motion. */
export const stills: readonly Still[] = [
  {
    title: 'One question',
    caption: captions.writing,
    scene: { laptop: device(18), phone: device(18), log: log(18) },
  },
  {
    title: 'The cable is cut',
    caption: captions.cut,
    scene: { laptop: device(50), phone: device(22, { link: 'cut' }), log: log(50) },
  },
  {
    title: 'The cable is back',
    caption: captions.even,
    scene: {
      laptop: device(55),
      phone: device(55, {
        fresh: missed,
        caughtUp: { words: countWords(first(55)) - countWords(first(22)), ms: 60 },
      }),
      log: log(55),
    },
  },
  {
    title: 'The laptop reloads',
    caption: captions.restored,
    scene: {
      laptop: device(70, { fresh: { from: 0, to: first(66).length } }),
      phone: device(70),
      log: log(70),
    },
  },
  {
    title: 'The phone presses Stop',
    caption: captions.over,
    scene: { laptop: device(86), phone: device(86), log: log(86, false) },
  },
];
