import { sleep } from 'workflow';
import { getHoldfast } from '../lib/holdfast.ts';
import { writer } from '../lib/writer.ts';

/** What each step needs: the chat, and what names the run in all of them. */
export interface Trip {
  readonly chatId: string;
  readonly command: string;
}

/** Has the run of the trip for as long as it takes; the engine may call each step in another process. */
const adopt = ({ chatId, command }: Trip) => {
  const session = getHoldfast().session(chatId);
  return <T>(use: Parameters<typeof session.adopt<T>>[1]) =>
    session.adopt<T>({ agent: 'trip planner', command }, use);
};

async function planRoute(trip: Trip) {
  'use step';
  return await adopt(trip)((run) => run.write('route', writer('Lisbon ', 'to ', 'Peniche. ')));
}

async function bookFerries(trip: Trip) {
  'use step';
  return await adopt(trip)(async (run) => {
    // The engine does a step again that failed, and this must not happen twice.
    await run.step('book', () => ({ ticket: crypto.randomUUID() }));
    return await run.write('ferries', writer('The ', 'one ', 'at ', 'ten. '));
  });
}

async function finish(trip: Trip, reason?: string) {
  'use step';
  return await adopt(trip)((run) => run.end(reason ? 'failed' : 'finished', reason));
}

/** One message in the chat, written by several steps, with a rest in between. Gives how it ended. */
export async function planTrip(trip: Trip): Promise<string> {
  'use workflow';
  try {
    const planned = await planRoute(trip);
    // Somebody pressed Stop.
    if (planned !== 'running') return planned;
    await sleep('1s');
    const booked = await bookFerries(trip);
    return booked === 'running' ? await finish(trip) : booked;
  } catch {
    return await finish(trip, 'the steps failed too often');
  }
}
