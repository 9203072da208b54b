import { randomUUID } from 'node:crypto';
import { micros } from '../tokens.ts';
import { type Context, newPage } from './context.ts';
import { follow } from './follow.ts';

export interface StopPlan {
  readonly warmups: number;
  readonly stops: number;
}

/** Milliseconds from a page's stop to the agent's signal, while the agent says nothing. */
export async function measureStops(
  context: Context,
  { warmups, stops }: StopPlan,
): Promise<number[]> {
  const times: number[] = [];
  for (let at = -warmups; at < stops; at++) {
    const ms = await stopOnce(context);
    if (at >= 0) times.push(ms);
  }
  return times;
}

async function stopOnce(context: Context): Promise<number> {
  const id = randomUUID();
  const page = newPage(context, id);
  if (!page.stop) throw new Error('this side has no command to stop');
  await page.open();
  await follow(await page.send({ kind: 'burst', count: 1 }), () => 'enough');
  // Its headers come when the server watches.
  const watching = await fetch(`${context.origin}/signal`, {
    method: 'POST',
    body: JSON.stringify({ id }),
  });
  const pressed = micros();
  const answered = page.stop();
  const fired = Number(await watching.text());
  await answered;
  page.close();
  return (fired - pressed) / 1_000;
}
