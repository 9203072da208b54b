import type { ClaimCommand } from '@holdfast/log';
import { ownCommand } from './own-command.ts';

/**
 * The claim that says that a run was found lost, in front of that attempt, and for how long it is waited for
 * (HF-RUN-15). All who make it are one holder, so that the process of the run can give it up when it is back.
 */
export function noticeOf(run: string, attempt: number): Omit<ClaimCommand, 'leaseMs'> {
  const name = ownCommand('noticed', run, String(attempt));
  return { name, holder: name };
}
