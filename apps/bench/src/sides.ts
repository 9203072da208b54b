/** What is compared, in the order of the report. */
export const sides = [
  'sse',
  'sse-light',
  'sse-bare',
  'resumable-stream',
  'assistant-stream',
  'durable-streams',
  'sdk-websocket',
  'ws',
  'holdfast-redis',
  'holdfast-fsync',
  'holdfast-replicated',
  'holdfast-gathered',
  'holdfast-memory',
  'holdfast-http',
] as const;

export type Side = (typeof sides)[number];

/** What a side can do. */
export interface Abilities {
  /** Its server talks to Redis. */
  readonly redis: boolean;
  /** A new page can join in the middle of an answer. */
  readonly resumes: boolean;
  /** It keeps sessions, which a new client can join over a socket when no answer is under way. */
  readonly keepsSessions: boolean;
  /** It has a socket that many can follow. */
  readonly sockets: boolean;
  /** It has a connection for a page only while an answer is under way. */
  readonly needsAnswer: boolean;
  /** It is measured in latency and saturated, and nothing else. */
  readonly chunksOnly: boolean;
}

const none: Abilities = {
  redis: false,
  resumes: false,
  keepsSessions: false,
  sockets: false,
  needsAnswer: true,
  chunksOnly: false,
};
const holdfast: Abilities = {
  redis: false,
  resumes: true,
  keepsSessions: true,
  sockets: true,
  needsAnswer: false,
  chunksOnly: false,
};

/** Another setting of a side that is measured whole: only what a chunk pays for it is of interest. */
const classOf: Abilities = { ...none, redis: true, chunksOnly: true, needsAnswer: false };

export const abilities: { readonly [S in Side]: Abilities } = {
  sse: none,
  'sse-light': none,
  'sse-bare': none,
  'resumable-stream': { ...none, redis: true, resumes: true },
  'assistant-stream': { ...none, redis: true, resumes: true },
  'durable-streams': { ...none, resumes: true },
  'sdk-websocket': { ...none, resumes: true, needsAnswer: false },
  ws: { ...none, sockets: true, needsAnswer: false },
  'holdfast-redis': { ...holdfast, redis: true },
  'holdfast-fsync': classOf,
  'holdfast-replicated': classOf,
  'holdfast-gathered': classOf,
  'holdfast-memory': holdfast,
  'holdfast-http': { ...holdfast, keepsSessions: false, sockets: false },
};

export const isSide = (value: unknown): value is Side =>
  typeof value === 'string' && (sides as readonly string[]).includes(value);
