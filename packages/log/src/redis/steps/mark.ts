import { markMs, maxMarks } from '../../limits.ts';
import { type Codes, outcomeOf } from '../reply.ts';
import { scripts } from '../scripts.ts';
import type { Store } from '../store.ts';

export const codes: Codes<'marked' | 'no-run' | 'found' | 'full'> = {
  1: 'marked',
  2: 'no-run',
  3: 'found',
  4: 'full',
};

/** The run that a command has started; else the command is cancelled for when it comes. */
export async function mark(
  { commits, keys }: Store,
  session: string,
  command: string,
): Promise<{ readonly run: string } | Exclude<(typeof codes)[number], 'found'>> {
  const { meta, commands, marks } = keys.of(session);
  const args = [command, markMs, maxMarks];
  const reply = await commits.run(scripts.mark, [meta, commands, marks], args);
  const { name, rest } = outcomeOf(codes, reply);
  return name === 'found' ? { run: String(rest[0]) } : name;
}
