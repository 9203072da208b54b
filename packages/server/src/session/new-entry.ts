import type { NewEntry } from '@holdfast/log';
import type { Author, Entry } from '@holdfast/protocol';
import type { Environment } from '../environment.ts';

type Chance = Pick<Environment, 'nonce' | 'date'>;

/** Entry as the log takes it. Its nonce is drawn here: the same entry is written again by writing what this gave. */
export const newEntry = ({ nonce }: Pick<Environment, 'nonce'>, entry: Entry): NewEntry => ({
  nonce: nonce(),
  body: JSON.stringify(entry),
});

/** Makes the entry that stops a run; `by` is absent where the server does. */
export const cancelEntry =
  (environment: Chance, by?: Author) =>
  (run: string): NewEntry =>
    newEntry(environment, {
      k: 'cancel',
      run,
      ...(by === undefined ? {} : { by }),
      at: environment.date(),
    });
