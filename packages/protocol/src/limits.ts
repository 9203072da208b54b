/**
 * Every limit of the protocol with its default (PROTOCOL.md section 14).
 * Names that end in `Ms` are milliseconds, in `Bytes` are UTF-8 bytes, others are counts.
 */
export interface Limits {
  readonly frameBytes: number;
  readonly requestBytes: number;
  readonly jsonDepth: number;
  readonly framesPerSecond: number;
  readonly framesBurst: number;
  readonly subscriptions: number;
  readonly connections: number;
  readonly helloTimeoutMs: number;
  readonly authorizeMs: number;
  readonly heartbeatMs: number;
  readonly pongTimeoutMs: number;
  readonly probeMs: number;
  readonly ackBytes: number;
  readonly ackMs: number;
  readonly windowBytes: number;
  readonly socketBytes: number;
  readonly lagBytes: number;
  readonly stallMs: number;
  readonly replayBytes: number;
  readonly entryBytes: number;
  readonly sessionBytes: number;
  readonly sessionEntries: number;
  readonly runBufferBytes: number;
  readonly leaseMs: number;
  readonly graceMs: number;
  readonly retryForMs: number;
  readonly pollMs: number;
  readonly lingerMs: number;
  readonly retentionMs: number;
  readonly commandMs: number;
  readonly pageMessages: number;
  readonly pageLimit: number;
  readonly openMessages: number;
  readonly checkpointBytes: number;
  readonly tailMs: number;
  readonly presenceMs: number;
  readonly awayMs: number;
  readonly typingMs: number;
  readonly presenceMembers: number;
  readonly presenceInfoBytes: number;
  readonly queueMessages: number;
  readonly keptBytes: number;
  readonly claimMs: number;
  readonly dispatchMs: number;
  /** Sends, steers and answers of one participant, in one process; that many at once, too. */
  readonly sendsPerMinute: number;
  /** Histories and streams that one participant asks for over HTTP, in one process. */
  readonly readsPerMinute: number;
  /** Sessions that one participant begins, in one process. */
  readonly sessionsPerHour: number;
  /** Sockets and HTTP streams of one participant, in one process. */
  readonly participantConnections: number;
  /** Live runs that one participant asked for, in one process. */
  readonly participantRuns: number;
  /** Live runs of one session beyond which a send starts no other. */
  readonly sessionRuns: number;
  /** How long a right to read is taken for granted before `authorize` is asked again. */
  readonly recheckMs: number;
}

const pongTimeoutMs = 10_000;
const probeMs = 2_500;
const ackBytes = 65_536;
const ackMs = 250;

/** The limits that a client keeps; apart from the table, so that it need not carry all of it. */
export type ClientLimits = Pick<Limits, 'pongTimeoutMs' | 'probeMs' | 'ackBytes' | 'ackMs'>;

export const clientLimits: ClientLimits = { pongTimeoutMs, probeMs, ackBytes, ackMs };

export const defaultLimits: Limits = {
  frameBytes: 65_536,
  requestBytes: 1_048_576,
  jsonDepth: 32,
  framesPerSecond: 20,
  framesBurst: 256,
  subscriptions: 64,
  connections: 10_000,
  helloTimeoutMs: 5_000,
  authorizeMs: 30_000,
  heartbeatMs: 25_000,
  pongTimeoutMs,
  probeMs,
  ackBytes,
  ackMs,
  windowBytes: 524_288,
  socketBytes: 4_194_304,
  lagBytes: 2_097_152,
  stallMs: 30_000,
  replayBytes: 1_048_576,
  entryBytes: 262_144,
  sessionBytes: 33_554_432,
  sessionEntries: 50_000,
  runBufferBytes: 1_048_576,
  leaseMs: 15_000,
  graceMs: 4_000,
  retryForMs: 120_000,
  pollMs: 5_000,
  lingerMs: 15_000,
  retentionMs: 86_400_000,
  commandMs: 86_400_000,
  pageMessages: 20,
  pageLimit: 200,
  openMessages: 100,
  checkpointBytes: 262_144,
  tailMs: 30_000,
  presenceMs: 4_000,
  awayMs: 13_000,
  typingMs: 6_000,
  presenceMembers: 100,
  presenceInfoBytes: 1_024,
  queueMessages: 50,
  keptBytes: 65_536,
  claimMs: 15_000,
  dispatchMs: 600_000,
  recheckMs: 180_000,
  sendsPerMinute: 240,
  readsPerMinute: 600,
  sessionsPerHour: 500,
  participantConnections: 100,
  participantRuns: 50,
  sessionRuns: 100,
};
