import type { ChatMessage } from './tools.ts';
import type { Place } from './way-on.ts';

/** Where an answer stands in its chat. */
interface Standing {
  readonly place: Place;
  /** The first answer to a later question. */
  readonly newer: string | undefined;
}

/** By the ids of the answers. Those to one question do not supersede each other. */
export function placesOf(messages: readonly ChatMessage[]): ReadonlyMap<string, Standing> {
  const places = new Map<string, Standing>();
  let place: Place = 'newest';
  let newer: string | undefined;
  let first: string | undefined;
  for (const { id, role } of messages.toReversed()) {
    if (role === 'user') {
      place = 'superseded';
      newer = first ?? newer;
      first = undefined;
    } else {
      places.set(id, { place, newer });
      first = id;
    }
  }
  return places;
}
