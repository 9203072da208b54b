/** How an answer ended before its time. */
export type Ending = 'stopped' | 'failed' | 'lost';

/** Whether an answer is the newest one, or a newer one follows it. */
export type Place = 'newest' | 'superseded';

/** What leads on from it. */
export type WayOn = 'continue' | 'again' | 'newer';

/** What stands below an answer that ended before its time, for good. */
export const endingWords: { readonly [E in Ending]: string } = {
  stopped: 'Stopped here',
  failed: 'Broke off here',
  lost: 'Broke off here: its writer has died',
};

export const wayOnLabels: { readonly [W in WayOn]: string } = {
  continue: 'Continue',
  again: 'Try again',
  newer: 'Go to the newer answer',
};

/** What a page asks for an answer to be continued. */
export const continuing = 'Continue where you stopped';

/** What broke off by itself is not continued: what broke it may be in what it has. */
export const waysOn = (ending: Ending, place: Place): readonly WayOn[] => {
  if (place === 'superseded') return ['newer'];
  return ending === 'stopped' ? ['continue', 'again'] : ['again'];
};
