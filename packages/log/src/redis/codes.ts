import type { ResetReason } from '@holdfast/protocol';
import type { ClaimOutcome } from '../contract/claims.ts';
import type { CheckpointOutcome, SeedOutcome } from '../contract/messages.ts';
import type {
  AppendOutcome,
  CancelOutcome,
  LeaseOutcome,
  SendOutcome,
  SuspectOutcome,
} from '../contract/runs.ts';

type Table<Name extends string> = Readonly<Record<number, Name>>;

/** What the first number of a script's reply means; the scripts' headers say the same. */
export const codes: {
  readonly append: Table<AppendOutcome['kind'] | 'moved'>;
  readonly send: Table<SendOutcome['kind'] | 'moved'>;
  readonly open: Table<'missing' | 'opened' | 'damaged'>;
  readonly found: Table<'missing' | 'found'>;
  readonly checkpoint: Table<CheckpointOutcome | 'hole'>;
  readonly claim: Table<ClaimOutcome['kind']>;
  readonly seed: Table<SeedOutcome>;
  readonly renew: Table<LeaseOutcome['kind']>;
  readonly mark: Table<'marked' | 'no-run' | 'found' | 'full'>;
  readonly cancel: Table<CancelOutcome['state'] | 'moved'>;
  readonly suspect: Table<SuspectOutcome['kind']>;
  readonly reap: Table<'nothing' | 'done' | 'moved'>;
  /** Of delete and dismiss. */
  readonly done: Table<'nothing' | 'done'>;
  readonly read: Table<'missing' | 'entries' | 'damaged' | Exclude<ResetReason, 'lag'>>;
} = {
  append: {
    1: 'appended',
    2: 'duplicate',
    3: 'gap',
    4: 'fenced',
    5: 'closed',
    6: 'unknown',
    7: 'full',
    8: 'moved',
  },
  send: {
    1: 'accepted',
    2: 'duplicate',
    3: 'full',
    4: 'stale',
    5: 'other',
    6: 'busy',
    7: 'ended',
    8: 'held',
    9: 'free',
    10: 'moved',
  },
  open: { 0: 'missing', 1: 'opened', 2: 'damaged' },
  /** Of items and find. */
  found: { 0: 'missing', 1: 'found' },
  checkpoint: { 1: 'done', 2: 'stale', 3: 'full', 4: 'missing', 5: 'hole' },
  claim: { 1: 'held', 2: 'taken', 3: 'full' },
  seed: { 1: 'seeded', 2: 'exists', 3: 'full' },
  renew: { 1: 'held', 2: 'fenced', 3: 'closed', 4: 'unknown', 5: 'leased' },
  mark: { 1: 'marked', 2: 'no-run', 3: 'found', 4: 'full' },
  cancel: { 1: 'stopping', 2: 'finished', 3: 'missing', 4: 'moved' },
  suspect: { 0: 'alive', 1: 'suspected', 2: 'lost' },
  reap: { 0: 'nothing', 1: 'done', 2: 'moved' },
  done: { 0: 'nothing', 1: 'done' },
  read: {
    0: 'missing',
    1: 'entries',
    2: 'epoch',
    3: 'ahead',
    4: 'trimmed',
    5: 'diverged',
    6: 'damaged',
  },
};
