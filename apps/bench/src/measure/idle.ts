import { randomUUID } from 'node:crypto';
import { type Context, newPage } from './context.ts';

export interface IdlePlan {
  readonly count: number;
  /** Whether all follow one session, or each its own. */
  readonly together: boolean;
}

/**
 * Opens connections that wait for something to come, a few at a time. A side that has a connection only
 * while an answer is under way gets an answer that says nothing.
 */
export async function openIdle(
  context: Context,
  { count, together }: IdlePlan,
  needsAnswer: boolean,
): Promise<void> {
  const chatId = together ? randomUUID() : undefined;
  let opened = 0;
  const open = async () => {
    while (opened++ < count) {
      const page = newPage(context, chatId);
      await page.open();
      if (needsAnswer) await page.send({ kind: 'silent' });
    }
  };
  await Promise.all(Array.from({ length: 20 }, open));
}
