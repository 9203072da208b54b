/** How a session's log is being followed. */
export type SessionState =
  /** Not wanted. */
  | 'off'
  /** Wanted, and not known to the present socket. */
  | 'detached'
  | 'subscribing'
  /** Collects the parts of a snapshot. */
  | 'loading'
  | 'replaying'
  | 'live'
  /** Subscribes again soon. */
  | 'broken'
  | 'refused';

export type SessionEvent =
  /** Somebody follows it; nobody has for a while. */
  | 'want'
  | 'unwant'
  /** A socket that knows nothing yet was asked; it is gone. */
  | 'greet'
  | 'lost'
  /** The answer: what follows upon what is known, or a snapshot. */
  | 'replay'
  | 'snapshot'
  /** A snapshot comes, or a part of it; the last part; an entry; this was all. */
  | 'part'
  | 'snap'
  | 'entry'
  | 'live'
  /** Something is missing, what is known is no good, or is not given for now; the time to ask again has come. */
  | 'break'
  | 'retry'
  /** It will not be given; it is closed. */
  | 'refuse'
  | 'closed';

type Row = { readonly [EVENT in SessionEvent]?: SessionState };

const wanted: Row = { lost: 'detached', refuse: 'refused', unwant: 'off' };
const onWire: Row = { ...wanted, break: 'broken', closed: 'refused' };
const loading: Row = { ...onWire, part: 'loading', snap: 'replaying' };
const replaying: Row = { ...loading, entry: 'replaying', live: 'live' };

/** The whole of a session's life at this client. Where there is no cell, nothing changes and nothing is to be done. */
export const table: { readonly [STATE in SessionState]: Row } = {
  off: { want: 'detached' },
  detached: { ...wanted, greet: 'subscribing', break: 'detached' },
  subscribing: { ...onWire, replay: 'replaying', snapshot: 'loading' },
  loading,
  replaying,
  // A session that begins is told of by a snapshot without a reset, and stays live (HF-SUB-8).
  live: { ...replaying, snap: 'live', entry: 'live' },
  broken: { ...wanted, break: 'broken', retry: 'detached' },
  refused: { want: 'detached', refuse: 'refused', unwant: 'off' },
};

/** Whether the socket sends what is written. */
export const isOnWire = (state: SessionState): boolean => 'closed' in table[state];
