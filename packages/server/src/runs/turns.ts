let turn = 0;
let isCounting = false;

const count = (): void => {
  isCounting = false;
  turn++;
};

/**
 * The number of this turn of the event loop: all that asks in one turn is told the same. Costs one immediate for
 * each turn in which it is asked, however many ask.
 */
export function thisTurn(): number {
  if (!isCounting) {
    isCounting = true;
    setImmediate(count);
  }
  return turn;
}

/** Resolves in the next turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
