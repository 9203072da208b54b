/**
 * Every limit of the protocol (PROTOCOL.md section 14). A name that ends in `Ms` is in milliseconds, one in
 * `Bytes` in bytes of UTF-8, and any other is a count. Each says what happens to whoever passes it.
 */
export interface Limits {
  /**
   * A frame of a client. A larger one closes its socket with 1009.
   * @default 65_536 (64 KiB)
   */
  readonly frameBytes: number;
  /**
   * The body of one request. A larger one is refused as `too_large`, and nothing is written.
   * @default 1_048_576 (1 MiB)
   */
  readonly requestBytes: number;
  /**
   * Levels of nesting in a frame or a body. A deeper frame closes its socket with 4400; a deeper body is refused as
   * `bad_request`.
   * @default 32
   */
  readonly jsonDepth: number;
  /**
   * Frames that one socket may send per second, on average. One more than this and `framesBurst` allow closes it
   * with 4429. An `ack` of something new is not counted.
   * @default 20
   */
  readonly framesPerSecond: number;
  /**
   * Frames that one socket may send at once. At least 4 for each of `subscriptions`, or a server does not start:
   * a client that reconnects subscribes to all of its sessions together.
   * @default 256
   */
  readonly framesBurst: number;
  /**
   * Sessions that one socket may follow. A `sub` beyond that is answered `limit`.
   * @default 64
   */
  readonly subscriptions: number;
  /**
   * Sockets and streams of events of one gateway. A further upgrade is answered with 429, a further stream with 503.
   * @default 10_000
   */
  readonly connections: number;
  /**
   * Time that a client has for its `hello` once the socket is open. Then the socket is closed with 4408.
   * @default 5_000 (5 s)
   */
  readonly helloTimeoutMs: number;
  /**
   * Time that `authorize` has for its answer. Then a request fails with `internal`, and a socket is closed with
   * 4500.
   * @default 30_000 (30 s)
   */
  readonly authorizeMs: number;
  /**
   * Time that `load` has for its answer. Then what needed the session fails as `unavailable`, and it is asked again
   * with the next request.
   * @default 30_000 (30 s)
   */
  readonly loadMs: number;
  /**
   * Silence of a socket after which the gateway sends `ping`. Below the idle timeouts of common proxies, which
   * begin at 30 s.
   * @default 25_000 (25 s)
   */
  readonly heartbeatMs: number;
  /**
   * Time for an answer to `ping`. Without one the gateway closes the socket with 4504, and a client treats it as dead.
   * @default 10_000 (10 s)
   */
  readonly pongTimeoutMs: number;
  /**
   * Time that a client waits for an answer to a request, or to the `ping` of a page that woke. Then it opens
   * another socket.
   * @default 2_500 (2.5 s)
   */
  readonly probeMs: number;
  /**
   * Bytes after which a client acknowledges what it applied.
   * @default 65_536 (64 KiB)
   */
  readonly ackBytes: number;
  /**
   * Time after which a client acknowledges what it applied. A `windowBytes` below `ackBytes` waits for it each time.
   * @default 1_000 (1 s)
   */
  readonly ackMs: number;
  /**
   * Bytes that a subscription may have unacknowledged, and that may wait for the network in front of a snapshot.
   * The gateway then sends no more of it, keeps only its position, and goes on with the next acknowledgement.
   * @default 524_288 (512 KiB)
   */
  readonly windowBytes: number;
  /**
   * Bytes that may wait in one socket for its network. What comes on top closes it with 4410.
   * @default 4_194_304 (4 MiB)
   */
  readonly socketBytes: number;
  /**
   * Bytes that a stopped subscription may fall behind. Beyond that it is sent a snapshot when it goes on.
   * @default 2_097_152 (2 MiB)
   */
  readonly lagBytes: number;
  /**
   * Time for which a stopped subscription may go without an acknowledgement. Then its socket is closed with 4410.
   * @default 30_000 (30 s)
   */
  readonly stallMs: number;
  /**
   * Bytes that a resume replays. A longer gap is answered with a snapshot, which is the smaller of the two.
   * @default 1_048_576 (1 MiB)
   */
  readonly replayBytes: number;
  /**
   * An entry of the log. A larger message or chunk is refused as `too_large`; half of this is the limit of the
   * queue of a session.
   * @default 262_144 (256 KiB)
   */
  readonly entryBytes: number;
  /**
   * Stored messages of one session, and entries that are not stored yet: each text counts once. What would pass it is
   * refused as `full`; an answer that is being written ends with an error that says so.
   * @default 33_554_432 (32 MiB)
   */
  readonly sessionBytes: number;
  /**
   * Stored messages of one session and entries that are not stored yet, and command ids that it remembers. What would
   * pass it is refused as `full`.
   * @default 50_000
   */
  readonly sessionEntries: number;
  /**
   * Bytes of an answer that a writer holds while the log is away. When it is full the model is not read any further
   * until the log is back. A writer keeps as much of the end of its run for `leaseMs`, to write again what a failover lost.
   * @default 1_048_576 (1 MiB)
   */
  readonly runBufferBytes: number;
  /**
   * Lease of a run that is being executed. Its writer renews it; a run without one is suspected, and after `graceMs`
   * it is taken over or ended as `lost`.
   * @default 15_000 (15 s)
   */
  readonly leaseMs: number;
  /**
   * Time for which a run without a lease is only suspected, so that a pause of the log or of a process ends no run
   * whose agent is alive.
   * @default 4_000 (4 s)
   */
  readonly graceMs: number;
  /**
   * Time for which a writer repeats what the log does not take. Then it stops its model and counts as superseded.
   * @default 120_000 (2 min)
   */
  readonly retryForMs: number;
  /**
   * Time after which a feed compares itself with the log, because deliveries may be lost.
   * @default 5_000 (5 s)
   */
  readonly pollMs: number;
  /**
   * Time for which a process goes on following a session when its last reader has left.
   * @default 15_000 (15 s)
   */
  readonly lingerMs: number;
  /**
   * Time for which a session is kept after its last write. Then the store deletes it.
   * @default 86_400_000 (24 h)
   */
  readonly retentionMs: number;
  /**
   * Time for which a command id is remembered. Until then a repetition is answered with the first answer.
   * @default 86_400_000 (24 h)
   */
  readonly commandMs: number;
  /**
   * Messages of a snapshot and of a page of history, where the reader asks for no other number. A snapshot has
   * more where an older message is still open.
   * @default 20
   */
  readonly pageMessages: number;
  /**
   * Messages that one request for history may ask for. More are refused as `bad_request`.
   * @default 200
   */
  readonly pageLimit: number;
  /**
   * Messages that may follow one with an open tool call before that is settled all the same.
   * @default 100
   */
  readonly openMessages: number;
  /**
   * Bytes of entries after which the messages of a run that is under way are stored, so that a snapshot stays small: four
   * times as many as the last checkpoint wrote, up to eight times this, or as many as it wrote, where that is more.
   * @default 262_144 (256 KiB)
   */
  readonly checkpointBytes: number;
  /**
   * UTF-16 units of the end of a long text that whoever joins is sent at once; a little more, since texts are cut into
   * pieces. A text that is longer is kept as files of the session, and what is in front of that end is referred to.
   * @default 786_432
   */
  readonly textWindowBytes: number;
  /**
   * Time for which entries stay in the log after they were stored as messages. Whoever was away for less resumes
   * without a snapshot.
   * @default 30_000 (30 s)
   */
  readonly tailMs: number;
  /**
   * Entries that stay in the log after they were stored as messages, also within `tailMs`: of more, the oldest are
   * dropped within a second. A session that is written so fast answers longer gaps with a snapshot anyway.
   * @default 16_777_216 (16 MiB)
   */
  readonly tailBytes: number;
  /**
   * Interval at which a gateway tells the others who is there, while it hears of any.
   * @default 4_000 (4 s)
   */
  readonly presenceMs: number;
  /**
   * Silence of a gateway after which its participants count as gone, and after which nothing is repeated for it: three
   * reports, and a second.
   * @default 13_000 (13 s)
   */
  readonly awayMs: number;
  /**
   * Time after which `typing` falls back to `here` unless the client repeats it.
   * @default 6_000 (6 s)
   */
  readonly typingMs: number;
  /**
   * Participants of a session who are named. Of more, only the count is told.
   * @default 100
   */
  readonly presenceMembers: number;
  /**
   * JSON of the `info` of one participant. A larger one is left out, and `onError` is told.
   * @default 1_024 (1 KiB)
   */
  readonly presenceInfoBytes: number;
  /**
   * Sends that wait in one session, and messages of one of them. A further one is refused as `limit`.
   * @default 50
   */
  readonly queueMessages: number;
  /**
   * JSON of what is kept of a send for whoever executes its run later: participant, `metadata` and `body`. A send
   * with more is refused as `too_large`; where nothing has to be kept, that is no limit.
   * @default 65_536 (64 KiB)
   */
  readonly keptBytes: number;
  /**
   * Time for which a client may execute a tool call without renewing its claim. Then another one may.
   * @default 15_000 (15 s)
   */
  readonly claimMs: number;
  /**
   * Time for which a run waits for a worker. Then it counts as lost.
   * @default 600_000 (10 min)
   */
  readonly dispatchMs: number;
  /**
   * Sends, steers, answers and orders of the queue of one participant, in one process; that many at once, too. One more
   * is refused as `rate`, with the time to wait. Stops are never refused.
   * @default 240
   */
  readonly sendsPerMinute: number;
  /**
   * Histories and streams of answers that one participant asks for over HTTP, and presence that it says there, in
   * one process. One more is refused as `rate`.
   * @default 600
   */
  readonly readsPerMinute: number;
  /**
   * Sessions that one participant begins, in one process. One more is refused as `rate`.
   * @default 500
   */
  readonly sessionsPerHour: number;
  /**
   * Bytes that one participant uploads in pieces, in one process. A further piece is refused as `rate`.
   * @default 1_073_741_824 (1 GiB)
   */
  readonly hourlyUploadBytes: number;
  /**
   * Sockets and HTTP streams of one participant, in one process. A further socket is closed with 4429, a further
   * stream refused as `limit`.
   * @default 100
   */
  readonly participantConnections: number;
  /**
   * Live runs that one participant asked for, in one process. A further send is refused as `limit`.
   * @default 50
   */
  readonly participantRuns: number;
  /**
   * Live runs of one session. A further send is refused as `limit`.
   * @default 100
   */
  readonly sessionRuns: number;
  /**
   * Time for which a right to read is taken for granted before `authorize` is asked again. Where the answer is now
   * `null`, the client is told that it may not read the session any more.
   * @default 180_000 (3 min)
   */
  readonly recheckMs: number;
  /**
   * Data URL of a file, or JSON of a tool's output, of a tool's input or of a data part, that is kept within its
   * entry. A larger one is kept beside the log, as a file.
   * @default 16_384 (16 KiB)
   */
  readonly inlineBytes: number;
  /**
   * A file, or a value that is kept as one. A larger one is refused as `too_large`.
   * @default 10_485_760 (10 MiB)
   */
  readonly fileBytes: number;
  /**
   * A piece of a file: what is uploaded, stored and read at once. A larger one is refused as `too_large`.
   * @default 262_144 (256 KiB)
   */
  readonly filePieceBytes: number;
  /**
   * Files and uploads of one session, as they are stored, and 128 for each of their pieces. What would pass it is
   * refused as `full`.
   * @default 134_217_728 (128 MiB)
   */
  readonly sessionFileBytes: number;
  /**
   * The body of a send, which may hold files. A larger one is refused as `too_large`, and nothing is written.
   * @default 16_777_216 (16 MiB)
   */
  readonly sendBytes: number;
  /**
   * Time for which an upload is kept after its last piece, and files while there is no session. Then they are gone.
   * @default 3_600_000 (1 h)
   */
  readonly uploadMs: number;
}

const pongTimeoutMs = 10_000;
const probeMs = 2_500;
const ackBytes = 65_536;
const ackMs = 1_000;

/** The limits that a client keeps; apart from the table, so that it need not carry all of it. */
export type ClientLimits = Pick<Limits, 'pongTimeoutMs' | 'probeMs' | 'ackBytes' | 'ackMs'>;

/** The defaults of the limits that a client keeps. */
export const clientLimits: ClientLimits = { pongTimeoutMs, probeMs, ackBytes, ackMs };

/** The limits that a server has where its `limits` name no other. */
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
  loadMs: 30_000,
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
  textWindowBytes: 786_432,
  tailMs: 30_000,
  tailBytes: 16_777_216,
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
  hourlyUploadBytes: 1_073_741_824,
  participantConnections: 100,
  participantRuns: 50,
  sessionRuns: 100,
  inlineBytes: 16_384,
  fileBytes: 10_485_760,
  filePieceBytes: 262_144,
  sessionFileBytes: 134_217_728,
  sendBytes: 16_777_216,
  uploadMs: 3_600_000,
};
