/** Where the play of two devices is. */
export type Beat =
  /** The devices connect. */
  | 'waiting'
  /** The laptop has asked, and nothing of the answer is there. */
  | 'asking'
  /** Both write along. */
  | 'writing'
  /** The phone's cable is cut. */
  | 'cut'
  /** It is whole again, and the phone has not got everything yet. */
  | 'mended'
  /** The phone has what it missed. */
  | 'even'
  /** The laptop's page is gone, and loads. */
  | 'reloaded'
  /** It shows what it had, and goes on. */
  | 'restored'
  /** The phone has pressed Stop. */
  | 'stopping'
  /** That stop is done. */
  | 'over'
  /** The answer ended before the play did. */
  | 'short'
  /** The visitor has touched something: nothing happens by itself any more. */
  | 'yours';

/** What moves it on. */
export type Cue =
  /** Both devices and the log are connected. */
  | 'connected'
  /** The first word of the answer is there. */
  | 'word'
  /** The beat has lasted as long as it does. */
  | 'due'
  /** Both devices show what the log has. */
  | 'level'
  /** The answer has ended, however it did. */
  | 'ended'
  /** The visitor has pressed something. */
  | 'touched';

/** What is done where a beat begins. */
export type Act = 'ask' | 'cut' | 'mend' | 'reload' | 'stop';

const playing = { ended: 'short', touched: 'yours' } as const;

const table: { readonly [B in Beat]: { readonly [C in Cue]?: Beat } } = {
  waiting: { connected: 'asking', touched: 'yours' },
  asking: { ...playing, word: 'writing' },
  writing: { ...playing, due: 'cut' },
  cut: { ...playing, due: 'mended' },
  mended: { ...playing, level: 'even' },
  even: { ...playing, due: 'reloaded' },
  reloaded: { ...playing, level: 'restored' },
  restored: { ...playing, due: 'stopping' },
  stopping: { ended: 'over', touched: 'yours' },
  over: { touched: 'yours' },
  short: { touched: 'yours' },
  yours: {},
};

/** The next beat; the same one where the cue means nothing to it. */
export const nextBeat = (beat: Beat, cue: Cue): Beat => table[beat][cue] ?? beat;

/** How long a beat lasts that ends by itself, in ms. */
export const lastsMs: { readonly [B in Beat]?: number } = {
  writing: 2_000,
  cut: 3_000,
  even: 1_200,
  restored: 2_000,
};

/** The play leaves no cable cut. */
export const actOf: { readonly [B in Beat]?: Act } = {
  asking: 'ask',
  cut: 'cut',
  mended: 'mend',
  reloaded: 'reload',
  stopping: 'stop',
  short: 'mend',
};

/** What is true in each beat, in words. */
export const captions: { readonly [B in Beat]: string } = {
  waiting: 'Two devices open one session.',
  asking: 'The laptop asks one question.',
  writing: 'The answer goes into the log, and from there to both.',
  cut: 'The phone’s cable is cut. The log goes on, and so does the laptop.',
  mended: 'The cable is whole again.',
  even: 'What the phone missed came at once: nothing is missing, nothing is there twice.',
  reloaded: 'The laptop reloads its page.',
  restored: 'The text is there, and goes on.',
  stopping: 'The phone presses Stop.',
  over: 'Stopped: both end at the same word, and the model is off.',
  short: 'The answer ended before the play did. The controls are yours, or play it again.',
  yours: 'It is yours: cut a cable, reload a page, stop the model from either side.',
};

/** Whether it has come to an end that is not the visitor's doing. */
export const isOver = (beat: Beat): boolean => beat === 'over' || beat === 'short';
