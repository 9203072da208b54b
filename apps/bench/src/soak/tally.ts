/** What clients of one process, or of all, have done so far. */
export interface Tally {
  /** Clients that are open, and those of them whose socket is live. */
  readonly clients: number;
  readonly live: number;
  /** Messages sent. */
  readonly sends: number;
  /** Answers that a client has seen from the first word to the last, each as it was written. */
  readonly answers: number;
  /** Words that reached clients. */
  readonly words: number;
  readonly cuts: number;
  readonly reloads: number;
  /** What went wrong, in words; the first few. */
  readonly wrong: readonly string[];
}

const none: Tally = {
  clients: 0,
  live: 0,
  sends: 0,
  answers: 0,
  words: 0,
  cuts: 0,
  reloads: 0,
  wrong: [],
};

export const sumOf = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (sum, each) => ({
      clients: sum.clients + each.clients,
      live: sum.live + each.live,
      sends: sum.sends + each.sends,
      answers: sum.answers + each.answers,
      words: sum.words + each.words,
      cuts: sum.cuts + each.cuts,
      reloads: sum.reloads + each.reloads,
      wrong: [...sum.wrong, ...each.wrong],
    }),
    none,
  );

const count = (value: number): string => value.toLocaleString('en-US');

/** One line of progress. */
export const lineOf = (seconds: number, tally: Tally, wordsPerSecond: number): string =>
  [
    `${seconds.toFixed(0).padStart(4)} s`,
    `${count(tally.live)} of ${count(tally.clients)} clients live`,
    `${count(tally.sends)} sent`,
    `${count(tally.answers)} answers seen whole`,
    `${count(Math.round(wordsPerSecond))} words/s`,
    `${tally.cuts} cut, ${tally.reloads} reloaded`,
    `${tally.wrong.length} wrong`,
  ].join('  ');
