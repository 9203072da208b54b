import { type Outcome, origin, type Position } from '@holdfast/protocol';
import { idBehind } from '../chain.ts';
import type { NewEntry, StoredEntry } from '../contract/entries.ts';
import type { NewItem } from '../contract/messages.ts';
import { movedTo } from '../moved.ts';
import { sizeOf } from '../sealed-size.ts';
import { type FilesState, hasFiles, newFiles, pruneFiles } from './files.ts';

export interface LiveRunState {
  attempt: number;
  /** The producer sequence that is accepted next. */
  next: number;
  cancelled: boolean;
  leaseUntil: number;
  /** Time for which the lease was last asked. */
  leaseMs: number;
  /** Since when it is taken to be lost, while it is. */
  suspectedSince: number | null;
  /** Of the attempt, where one has named itself. */
  holder?: string | undefined;
  readonly info: string;
  /** Counts as part of the session while the run is live. */
  readonly kept: string;
}

/** The record of a run that has ended, so that late writers can be answered. */
export interface EndedRun {
  readonly epoch: string;
  readonly outcome: Outcome;
  /** The append that ended the run, to know it again when it is repeated; null if it was none. */
  readonly by: { readonly attempt: number; readonly seq: number; readonly nonce: number } | null;
  readonly cancelled: boolean;
  readonly until: number;
}

export interface CommandRecord {
  readonly before: string;
  readonly digest: string | undefined;
  readonly run: { readonly run: string; readonly info: string } | null;
  readonly until: number;
}

/**
 * All that is known of one session id: plain data. `marks` and `ended` outlive the session itself,
 * which exists while `epoch` is not empty.
 */
export interface SessionState {
  epoch: string;
  top: string;
  floor: string;
  bytes: number;
  /** Without holes: the first is the one behind `floor`. */
  entries: StoredEntry[];
  /** Stored messages; what stands in the log as entries begins behind `checkpoint`. */
  items: NewItem[];
  checkpoint: string;
  keep: number;
  handed: string;
  /** The state of the session at the checkpoint, besides messages. */
  rest: string;
  /** The entry that a checkpoint last named in `handed`: entries behind it are not dropped. */
  told: string | null;
  /** The last entry of the newest command. */
  sent: string;
  isHeld: boolean;
  runs: Map<string, LiveRunState>;
  commands: Map<string, CommandRecord>;
  /** Commands that were cancelled before they came, and until when that is remembered. */
  marks: Map<string, number>;
  ended: Map<string, EndedRun>;
  /** Beside the session: an upload may come before its message. */
  files: FilesState;
  until: number;
}

export const newState = (): SessionState => ({
  epoch: '',
  top: origin,
  floor: origin,
  bytes: 0,
  entries: [],
  items: [],
  checkpoint: origin,
  keep: 0,
  handed: origin,
  rest: '',
  told: null,
  sent: origin,
  isHeld: false,
  runs: new Map(),
  commands: new Map(),
  marks: new Map(),
  ended: new Map(),
  files: newFiles(),
  until: 0,
});

export const exists = (state: SessionState): boolean => state.epoch !== '';

/** Adds an entry at the top. */
export function put(
  state: SessionState,
  entry: NewEntry,
  bytes: number = sizeOf(entry.body),
): StoredEntry {
  const id = idBehind(state.top, entry.nonce);
  const stored: StoredEntry = { id, prev: state.top, body: entry.body };
  state.entries.push(stored);
  state.bytes += bytes;
  state.top = id;
  return stored;
}

/** Refuses a write that was to follow another entry than the newest (HF-LOG-6). */
export function checkPlace(state: SessionState, behind: Position | undefined): void {
  if (!behind) return;
  const { epoch, top } = state;
  const isThere = exists(state)
    ? epoch === behind.epoch && top === behind.id
    : behind.id === origin;
  if (!isThere) throw movedTo({ epoch, id: top });
}

/** Drops the session; what late writers and early cancels need stays. */
export function erase(state: SessionState): void {
  state.epoch = '';
  state.top = origin;
  state.floor = origin;
  state.bytes = 0;
  state.entries = [];
  state.items = [];
  state.checkpoint = origin;
  state.keep = 0;
  state.handed = origin;
  state.rest = '';
  state.told = null;
  state.sent = origin;
  state.isHeld = false;
  state.runs = new Map();
  state.commands = new Map();
}

/** Forgets what is past its time. Maps keep their insertion order, so the oldest comes first. */
export function prune(state: SessionState, now: number): void {
  if (exists(state) && state.until <= now) erase(state);
  state.files = pruneFiles(state.files, exists(state), now);
  for (const map of [state.commands, state.ended])
    for (const [key, { until }] of map) {
      if (until > now) break;
      map.delete(key);
    }
  for (const [key, until] of state.marks) {
    if (until > now) break;
    state.marks.delete(key);
  }
}

export const isEmpty = (state: SessionState): boolean =>
  !exists(state) && state.ended.size + state.marks.size === 0 && !hasFiles(state.files);
